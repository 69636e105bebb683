import fc from "fast-check";
import { expect, test } from "vitest";
import { type DatasetFacts, drift, unseenShare } from "./drift.ts";
import { sketchOf } from "./sketch.ts";

/** Facts of a dataset with these items, each rated once with one of these values in turn. */
function facts(itemIds: string[], ratings = [3, 4, 5], interactions = 5_000): DatasetFacts {
  const values = Float32Array.from(
    { length: interactions },
    (_, at) => ratings[at % ratings.length]!,
  );
  const matrix = {
    rows: 1,
    cols: 1,
    offsets: new Uint32Array(2),
    indices: new Uint32Array(0),
    values,
  };
  const rated = new Uint8Array(interactions).fill(1);
  return { interactions, sketch: sketchOf({ matrix, rated, itemIds }) };
}

const ids = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => `item ${from + at}`);

test("the same kind of data is no drift, whatever its catalogue's size", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000 }),
      fc.integer({ min: 0, max: 100 }),
      (size, more) => {
        const before = facts(ids(0, size));
        const now = facts(ids(0, size + Math.floor((more / 200) * size)), [3, 4, 5], 6_000);
        expect(drift(now, before, "r1")).toEqual([]);
      },
    ),
    { numRuns: 20 },
  );
});

test("the share of unseen items is known to a few points from the samples alone", () => {
  const sampleOf = (itemIds: string[]) => facts(itemIds).sketch!.itemSample;
  const before = sampleOf(ids(0, 5_000));
  expect(unseenShare(sampleOf(ids(0, 5_000)), before)).toBe(0);
  expect(unseenShare(sampleOf(ids(1_500, 6_500)), before)).toBeCloseTo(0.3, 1);
  expect(unseenShare(sampleOf(ids(5_000, 9_000)), before)).toBe(1);
  // Fewer items are a thinner sample that reaches further.
  expect(unseenShare(sampleOf(ids(0, 1_000)), before)).toBe(0);
  // A complete sample beside a full one.
  expect(unseenShare(sampleOf(ids(4_990, 5_010)), before)).toBeLessThanOrEqual(1);
});

test("item ids written in another way are refused", () => {
  const now = facts(ids(0, 1_000).map((id) => `catalogue:${id}`));
  const sentences = drift(now, facts(ids(0, 1_000)), "r1");
  expect(sentences).toHaveLength(1);
  expect(sentences[0]).toContain("About 100 % of the items were unknown to r1");
});

test("ratings on another scale, or none any more, are refused", () => {
  const before = facts(ids(0, 100), [3, 4, 5]);
  const [halved] = drift(facts(ids(0, 100), [1.5, 2, 2.5]), before, "r1");
  expect(halved).toContain("the mean went from 4.00 to 2.00");
  const implicit = facts(ids(0, 100));
  implicit.sketch!.values = [5_000, ...new Array<number>(10).fill(0)];
  expect(drift(implicit, before, "r1")[0]).toContain("from 4.00 to no ratings");
});

test("a few ratings may differ by chance", () => {
  const few = facts(ids(0, 10), [3, 4, 5], 12);
  const others = facts(ids(0, 10), [4, 4, 5, 2], 12);
  expect(drift(few, others, "r1")).toEqual([]);
});

test("far fewer or far more interactions are refused, but a young service may grow", () => {
  const of = (interactions: number) => ({ interactions });
  expect(drift(of(499), of(1_000), "r1")[0]).toContain("events are missing");
  expect(drift(of(500), of(1_000), "r1")).toEqual([]);
  expect(drift(of(10_001), of(1_000), "r1")[0]).toContain("more than once");
  expect(drift(of(50_000), of(900), "r1")).toEqual([]);
});
