/** Every metric against figures worked out by hand, and against its own bounds. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coverage } from "./coverage.ts";
import { gini } from "./gini.ts";
import { reciprocalRank } from "./mrr.ts";
import { ndcg } from "./ndcg.ts";
import { novelty } from "./novelty.ts";
import { recall } from "./recall.ts";

const rankedAndTargets = fc.tuple(
  fc.uniqueArray(fc.nat(30), { maxLength: 20 }),
  fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 10 }),
  fc.integer({ min: 1, max: 25 }),
);

describe("ndcg", () => {
  test("discounts by the logarithm of the rank", () => {
    const value = ndcg([9, 1, 8, 2], new Set([1, 2]), 4);
    expect(value).toBeCloseTo((1 / Math.log2(3) + 1 / Math.log2(5)) / (1 + 1 / Math.log2(3)), 12);
  });
  test("is 1 when the top k are all targets, even with more targets than k", () => {
    expect(ndcg([1, 2], new Set([1, 2, 3]), 2)).toBe(1);
  });
  test("lies in 0..1 and is 1 for the ideal ranking", () => {
    fc.assert(
      fc.property(rankedAndTargets, ([ranked, targets, k]) => {
        const value = ndcg(ranked, new Set(targets), k);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1 + 1e-12);
        expect(ndcg(targets, new Set(targets), k)).toBeCloseTo(1, 12);
      }),
    );
  });
  test("is 0 without targets", () => {
    expect(ndcg([1], new Set(), 10)).toBe(0);
  });
});

describe("recall", () => {
  test("divides by what could be found", () => {
    expect(recall([1, 9, 2], new Set([1, 2, 3, 4]), 3)).toBeCloseTo(2 / 3, 12);
    expect(recall([1, 9, 2], new Set([1, 2]), 3)).toBe(1);
  });
  test("lies in 0..1", () => {
    fc.assert(
      fc.property(rankedAndTargets, ([ranked, targets, k]) => {
        const value = recall(ranked, new Set(targets), k);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      }),
    );
  });
});

test("the reciprocal rank is that of the first target, 0 beyond k", () => {
  expect(reciprocalRank([9, 8, 1, 2], new Set([1, 2]), 10)).toBeCloseTo(1 / 3, 12);
  expect(reciprocalRank([9, 8, 1], new Set([1]), 2)).toBe(0);
});

test("coverage is the share of items shown to anybody", () => {
  expect(coverage([0, 5, 1, 0])).toBe(0.5);
  expect(coverage([])).toBe(0);
});

test("novelty is the self-information of the items in bits", () => {
  expect(novelty([0, 1], [50, 25], 100, 10)).toBeCloseTo((1 + 2) / 2, 12);
  expect(novelty([2], [50, 25, 0], 128, 10)).toBe(7);
  expect(novelty([], [1], 10, 10)).toBe(0);
});

describe("gini", () => {
  test("is 0 when all are shown equally often", () => {
    expect(gini([3, 3, 3, 3])).toBeCloseTo(0, 12);
  });
  test("is (n - 1) / n when one is shown alone", () => {
    expect(gini([0, 0, 7, 0])).toBeCloseTo(0.75, 12);
  });
  test("equals the mean absolute difference form", () => {
    const exposures = fc.array(fc.nat(50), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(exposures, (shown) => {
        const total = shown.reduce((sum, value) => sum + value, 0);
        fc.pre(total > 0);
        let difference = 0;
        for (const a of shown) for (const b of shown) difference += Math.abs(a - b);
        expect(gini(shown)).toBeCloseTo(difference / (2 * shown.length * total), 9);
      }),
    );
  });
});
