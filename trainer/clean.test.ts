import { expect, test } from "vitest";
import type { EventRow } from "./clean.ts";
import type { RuleName } from "./cleaning-report.ts";
import { buildDataset, type Dataset } from "./dataset.ts";

function event(userId: string, itemId: string, more: Partial<EventRow> = {}): EventRow {
  return { userId, itemId, type: "rate", value: 4, occurredAt: 1000, ...more };
}

function rule(dataset: Dataset, name: RuleName) {
  return dataset.report.rules.find((report) => report.rule === name)!;
}

test("types without interest, values out of range and broken times are dropped and counted", async () => {
  const dataset = await buildDataset([
    [
      event("a", "x"),
      event("a", "y", { type: "impression" }),
      event("a", "z", { value: 11 }),
      event("a", "w", { value: null }),
      event("a", "v", { occurredAt: Number.NaN }),
    ],
  ]);
  expect(rule(dataset, "type")).toMatchObject({ seen: 5, kept: 4, dropped: 1 });
  expect(rule(dataset, "value")).toMatchObject({ seen: 4, kept: 2, dropped: 2 });
  expect(rule(dataset, "value").examples[0]).toBe("user a, item z: rating 11 is outside 0.5..5");
  expect(rule(dataset, "time")).toMatchObject({ seen: 2, kept: 1, dropped: 1 });
  expect(dataset.report).toMatchObject({ seen: 5, kept: 1, dropped: 4 });
});

test("at most three examples are kept", async () => {
  const bad = Array.from({ length: 9 }, (_, n) => event("a", `i${n}`, { value: 0 }));
  const dataset = await buildDataset([[event("a", "x"), ...bad]]);
  expect(rule(dataset, "value").examples).toHaveLength(3);
});

test("the latest rating of a user and item wins by occurrence time", async () => {
  const dataset = await buildDataset([
    [
      event("a", "x", { value: 5, occurredAt: 3000 }),
      event("a", "x", { value: 2, occurredAt: 1000 }),
    ],
  ]);
  expect(Array.from(dataset.matrix.values)).toEqual([5]);
  expect(rule(dataset, "duplicate")).toMatchObject({ seen: 2, kept: 1, dropped: 1 });
});

test("at the same time the one that arrived later wins", async () => {
  const dataset = await buildDataset([
    [event("a", "x", { value: 5 }), event("a", "x", { value: 2 })],
  ]);
  expect(Array.from(dataset.matrix.values)).toEqual([2]);
});

test("a rating stands before a later view", async () => {
  const dataset = await buildDataset([
    [
      event("a", "x", { value: 3 }),
      event("a", "x", { type: "view", value: null, occurredAt: 9000 }),
    ],
  ]);
  expect(Array.from(dataset.matrix.values)).toEqual([3]);
});

test("a user who races through most of the catalogue in a day is a bot", async () => {
  const bot = Array.from({ length: 30 }, (_, n) => event("bot", `i${n}`));
  const busy = Array.from({ length: 30 }, () => event("busy", "i1"));
  const slow = Array.from({ length: 30 }, (_, n) =>
    event("slow", `i${n}`, { occurredAt: 1000 + n * 86_400_000 }),
  );
  const dataset = await buildDataset([[...bot, ...busy, ...slow]], { botInteractionsPerDay: 20 });
  expect(dataset.userIds).toEqual(["busy", "slow"]);
  expect(rule(dataset, "bot")).toMatchObject({ seen: 90, kept: 60, dropped: 30 });
  expect(rule(dataset, "bot").examples).toEqual(["user bot: 30 events in one day, 30 of 30 items"]);
});

test("events of unknown time make nobody a bot", async () => {
  const events = Array.from({ length: 30 }, (_, n) => event("a", `i${n}`, { occurredAt: 0 }));
  const dataset = await buildDataset([events], { botInteractionsPerDay: 20 });
  expect(dataset.report.kept).toBe(30);
});

test("users and items that are too small are left out until none is left", async () => {
  const dataset = await buildDataset(
    [
      [
        event("a", "x"),
        event("a", "y"),
        event("b", "x"),
        event("b", "y"),
        event("c", "y"),
        // Rare alone; without it, user d is too small as well.
        event("d", "rare"),
        event("d", "y"),
      ],
    ],
    { minItemInteractions: 2, minUserInteractions: 2 },
  );
  expect(dataset.userIds).toEqual(["a", "b"]);
  expect(dataset.itemIds).toEqual(["x", "y"]);
  expect(rule(dataset, "rare")).toMatchObject({ seen: 7, kept: 4, dropped: 3 });
});
