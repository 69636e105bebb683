import fc from "fast-check";
import { expect, test } from "vitest";
import { jensenShannon, stabilityIndex } from "./drift.ts";

const counts = fc.dictionary(
  fc.constantFrom("a", "b", "c", "d"),
  fc.integer({ min: 1, max: 1000 }),
  {
    minKeys: 1,
  },
);

test("equal shares do not drift, however many there are", () => {
  fc.assert(
    fc.property(counts, fc.integer({ min: 1, max: 9 }), (before, factor) => {
      const after = Object.fromEntries(Object.entries(before).map(([k, n]) => [k, n * factor]));
      expect(stabilityIndex(before, after)).toBeCloseTo(0, 9);
      expect(jensenShannon(before, after)).toBeCloseTo(0, 9);
    }),
  );
});

test("both are symmetric and never negative; the divergence is at most 1", () => {
  fc.assert(
    fc.property(counts, counts, (a, b) => {
      expect(stabilityIndex(a, b)).toBeCloseTo(stabilityIndex(b, a), 9);
      expect(stabilityIndex(a, b)).toBeGreaterThanOrEqual(-1e-12);
      const divergence = jensenShannon(a, b);
      expect(divergence).toBeCloseTo(jensenShannon(b, a), 9);
      expect(divergence).toBeGreaterThanOrEqual(-1e-12);
      expect(divergence).toBeLessThanOrEqual(1 + 1e-12);
    }),
  );
});

test("disjoint counts are as far apart as it goes", () => {
  expect(jensenShannon({ a: 3 }, { b: 7 })).toBe(1);
});

test("a known case: 50:50 turning into 90:10", () => {
  const expected = 0.4 * Math.log(0.9 / 0.5) - 0.4 * Math.log(0.1 / 0.5);
  expect(stabilityIndex({ a: 1, b: 1 }, { a: 9, b: 1 })).toBeCloseTo(expected, 12);
});
