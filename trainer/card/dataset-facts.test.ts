import { expect, test } from "vitest";
import type { EventRow } from "../clean.ts";
import { buildDataset } from "../dataset.ts";
import { summariseDataset } from "./dataset-facts.ts";

function event(userId: string, itemId: string, more: Partial<EventRow> = {}): EventRow {
  return { userId, itemId, type: "rate", value: 4, occurredAt: Date.UTC(2020, 0, 2), ...more };
}

const some = [
  event("a", "x"),
  event("a", "y", { value: 5 }),
  event("a", "z", { type: "view", value: null, occurredAt: Date.UTC(2021, 5, 7) }),
  event("b", "x"),
];

test("ratings are counted where given, users by how much they did", async () => {
  const facts = summariseDataset(await buildDataset([some]));
  expect(facts).toMatchObject({
    users: 2,
    items: 3,
    interactions: 4,
    from: "2020-01-02",
    to: "2021-06-07",
  });
  expect(facts.ratings.map(({ rating, count }) => [rating, count])).toEqual([
    [1, 0],
    [2, 0],
    [3, 0],
    [4, 2],
    [5, 1],
  ]);
  expect(facts.activity).toEqual([
    { from: 1, to: 1, users: 1 },
    { from: 2, to: 3, users: 1 },
  ]);
});

test("half stars are shown where somebody gave one", async () => {
  const { ratings } = summariseDataset(
    await buildDataset([[...some, event("c", "x", { value: 3.5 })]]),
  );
  expect(ratings).toHaveLength(10);
});

test("the curve of interest rises from none to all, most popular items first", async () => {
  const { concentration } = summariseDataset(await buildDataset([some]));
  expect(concentration[0]).toEqual({ items: 0, interactions: 0 });
  expect(concentration.at(-1)).toEqual({ items: 1, interactions: 1 });
  const afterOneItem = concentration.find(({ items }) => items >= 1 / 3)!;
  expect(afterOneItem.interactions).toBe(0.5);
});
