import fc from "fast-check";
import { expect, test } from "vitest";
import type { EventRow } from "./clean.ts";
import { rowIndices } from "./csr.ts";
import { buildDataset, ratingValues } from "./dataset.ts";
import { tasteEvents } from "./fixtures/tastes.ts";
import { seededRandom, shuffle } from "./random.ts";

function event(userId: string, itemId: string, more: Partial<EventRow> = {}): EventRow {
  return { userId, itemId, type: "rate", value: 4, occurredAt: 1000, ...more };
}

test("users and items are numbered in ascending order of their ids", async () => {
  const dataset = await buildDataset([[event("zoe", "b"), event("amy", "c")], [event("amy", "a")]]);
  expect(dataset.userIds).toEqual(["amy", "zoe"]);
  expect(dataset.itemIds).toEqual(["a", "b", "c"]);
  expect(Array.from(rowIndices(dataset.matrix, 0))).toEqual([0, 2]);
  expect(Array.from(rowIndices(dataset.matrix, 1))).toEqual([1]);
});

test("the same events give the same hash whatever their order and batches", async () => {
  const events = tasteEvents({ users: 20, items: 12 });
  const { hash } = await buildDataset([events]);
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 300 }), async (seed, size) => {
      const other = shuffle([...events], seededRandom(seed));
      const again = await buildDataset([other.slice(0, size), other.slice(size)]);
      expect(again.hash).toBe(hash);
    }),
    { numRuns: 10 },
  );
});

test("one more rating, or another value, gives another hash", async () => {
  const events = [event("a", "x"), event("b", "y")];
  const { hash } = await buildDataset([events]);
  expect((await buildDataset([[...events, event("b", "x")]])).hash).not.toBe(hash);
  expect((await buildDataset([[event("a", "x", { value: 3 }), events[1]!]])).hash).not.toBe(hash);
});

test("ids that would run together when joined give different hashes", async () => {
  const one = await buildDataset([[event("a\n", "b")]]);
  const other = await buildDataset([[event("a", "\nb")]]);
  expect(one.hash).not.toBe(other.hash);
});

test("values are the rating, or 1 where interest was implicit", async () => {
  const dataset = await buildDataset([
    [event("u", "a", { value: 2.5 }), event("u", "b", { type: "play", value: null })],
  ]);
  expect(Array.from(dataset.matrix.values)).toEqual([2.5, 1]);
  expect(Array.from(dataset.rated)).toEqual([1, 0]);
  expect(Array.from(ratingValues(dataset).values)).toEqual([2.5, Number.NaN]);
});

test("every value keeps the second it happened, also through the numbering by id", async () => {
  const dataset = await buildDataset([
    [
      event("u", "b", { occurredAt: 5_900 }),
      event("u", "a", { occurredAt: 3_000 }),
      event("u", "a", { occurredAt: 9_000 }),
      event("u", "c", { occurredAt: 0 }),
    ],
  ]);
  expect(Array.from(dataset.times)).toEqual([9, 5, 0]);
});

test("another time, or a view in place of a rating of 1, is another dataset", async () => {
  const { hash } = await buildDataset([[event("u", "a", { value: 1 })]]);
  const later = event("u", "a", { value: 1, occurredAt: 9_000 });
  expect((await buildDataset([[later]])).hash).not.toBe(hash);
  const view = event("u", "a", { type: "view", value: null });
  expect((await buildDataset([[view]])).hash).not.toBe(hash);
});

test("nothing left after cleaning is an error that says so", async () => {
  await expect(buildDataset([[event("u", "a", { type: "impression" })]])).rejects.toThrow(
    /No interaction is left of 1 events/,
  );
});

test("the watermark travels with the dataset", async () => {
  expect((await buildDataset([[event("u", "a")]], { watermark: 17 })).watermark).toBe(17);
  expect((await buildDataset([[event("u", "a")]])).watermark).toBeNull();
});
