import fc from "fast-check";
import { expect, test } from "vitest";
import { topK } from "./topk.ts";

const score = fc.oneof(
  fc.float(),
  fc.constantFrom(0, -0, 1, Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
);
const scores = fc.array(score, { maxLength: 60 }).map((values) => Float32Array.from(values));
const masks = fc.array(fc.nat({ max: 70 }), { maxLength: 20 });

/** The same by sorting everything. */
function bySorting(values: Float32Array, k: number, masked: readonly number[]): number[] {
  const hidden = new Set(masked);
  return Array.from(values, (_, item) => item)
    .filter((item) => !hidden.has(item) && values[item]! > Number.NEGATIVE_INFINITY)
    .sort((a, b) => values[b]! - values[a]! || a - b)
    .slice(0, k);
}

test("the best are those that sorting everything would find, ties by index", () => {
  fc.assert(
    fc.property(scores, fc.nat({ max: 25 }), masks, (values, k, masked) => {
      const best = topK(values, k, masked);
      expect([...best.items]).toEqual(bySorting(values, k, masked));
      expect([...best.scores]).toEqual(Array.from(best.items, (item) => values[item]!));
    }),
    { numRuns: 500 },
  );
});

test("the scores are left as they were, even when an item is masked twice", () => {
  fc.assert(
    fc.property(scores, masks, (values, masked) => {
      const before = values.slice();
      topK(values, 5, [...masked, ...masked]);
      expect(values).toEqual(before);
    }),
  );
});
