import fc from "fast-check";
import { expect, test } from "vitest";
import { driftBetween, jensenShannon } from "./drift.ts";

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
      expect(jensenShannon(before, after)).toBeCloseTo(0, 9);
    }),
  );
});

test("the divergence is symmetric, never negative and at most 1", () => {
  fc.assert(
    fc.property(counts, counts, (a, b) => {
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

test("ratings are compared value by value, whatever the order they were counted in", () => {
  const facts = { events: 100, users: 10, items: 10, types: { rate: 100 }, popular: [] };
  const earlier = { ...facts, ratings: { "3": 60, "4": 40 } } as never;
  const turned = { ...facts, ratings: { "4": 40, "3": 60 } } as never;
  const other = { ...facts, ratings: { "1": 60, "4": 40 } } as never;
  expect(driftBetween(earlier, turned).ratingPsi).toBeCloseTo(0, 12);
  expect(driftBetween(earlier, other).ratingPsi).toBeGreaterThan(1);
});
