import fc from "fast-check";
import { expect, test } from "vitest";
import { profileOf } from "../events/profile.ts";
import type { EventRow } from "./clean.ts";
import { buildDataset } from "./dataset.ts";

function event(
  itemId: string,
  type: string,
  occurredAt: number,
  value: number | null = null,
): EventRow {
  return { userId: "a", itemId, type, value, occurredAt };
}

const other = { ...event("other", "view", 1), userId: "b" };

async function itemsOf(events: EventRow[]): Promise<Record<string, number>> {
  const dataset = await buildDataset([[other, ...events]]);
  const row = dataset.userIds.indexOf("a");
  if (row === -1) return {};
  const { offsets, indices, values } = dataset.matrix;
  const found: Record<string, number> = {};
  for (let at = offsets[row]!; at < offsets[row + 1]!; at++) {
    found[dataset.itemIds[indices[at]!]!] = values[at]!;
  }
  return found;
}

test("a removal takes away the rating and the plays before it, whenever it arrives", async () => {
  const removal = event("x", "remove", 5000);
  const before = [event("x", "rate", 1000, 5), event("x", "play", 2000), event("y", "rate", 1, 3)];
  expect(await itemsOf([...before, removal])).toEqual({ y: 3 });
  expect(await itemsOf([removal, ...before])).toEqual({ y: 3 });
});

test("what happens after a removal counts again", async () => {
  const events = [
    event("x", "rate", 1000, 5),
    event("x", "remove", 2000),
    event("x", "rate", 3000, 2),
  ];
  expect(await itemsOf(events)).toEqual({ x: 2 });
  expect(await itemsOf(events.toReversed())).toEqual({ x: 2 });
});

test("at the same instant the order of arrival decides", async () => {
  const [rating, removal] = [event("x", "rate", 1000, 5), event("x", "remove", 1000)];
  expect(await itemsOf([rating, removal])).toEqual({});
  expect(await itemsOf([removal, rating])).toEqual({ x: 5 });
});

test("a removal of what was never there changes nothing", async () => {
  expect(await itemsOf([event("y", "rate", 1, 3), event("x", "remove", 2)])).toEqual({ y: 3 });
});

test("the report counts what was taken back", async () => {
  const events = [event("x", "rate", 1000, 5), event("x", "remove", 2000), event("y", "view", 1)];
  const { report } = await buildDataset([[other, ...events]]);
  const rule = report.rules.find(({ rule }) => rule === "removed");
  expect(rule).toEqual({
    rule: "removed",
    seen: 4,
    kept: 2,
    dropped: 2,
    examples: ["user a: took back item x"],
  });
  expect(report).toMatchObject({ seen: 4, kept: 2, dropped: 2 });
});

test("a dataset and a live profile agree on what stands", async () => {
  const moment = fc.record({
    itemId: fc.constantFrom("x", "y"),
    type: fc.constantFrom("rate" as const, "view" as const, "remove" as const),
    occurredAt: fc.integer({ min: 1, max: 6 }),
    value: fc.constantFrom(1, 2, 3),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(moment, { maxLength: 12 }), async (moments) => {
      const events = moments.map(({ value, ...rest }) => {
        return { ...rest, userId: "a", value: rest.type === "rate" ? value : null };
      });
      const { interactions } = profileOf(events);
      const standing = interactions.map(({ itemId, value }) => [itemId, value ?? 1]);
      expect(await itemsOf(events)).toEqual(Object.fromEntries(standing));
    }),
    { numRuns: 200 },
  );
});
