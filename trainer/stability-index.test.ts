import fc from "fast-check";
import { expect, test } from "vitest";
import { stabilityIndex } from "./stability-index.ts";

const counts = fc.array(fc.nat(500), { minLength: 11, maxLength: 11 });

test("it is 0 for equal counts, positive otherwise, and symmetric", () => {
  fc.assert(
    fc.property(counts, counts, (a, b) => {
      expect(stabilityIndex(a, a)).toBeCloseTo(0, 12);
      expect(stabilityIndex(a, b)).toBeGreaterThanOrEqual(0);
      expect(stabilityIndex(a, b)).toBeCloseTo(stabilityIndex(b, a), 10);
    }),
  );
});

test("a known case: 50:50 turning into 90:10", () => {
  const expected = 0.4 * Math.log(0.9 / 0.5) - 0.4 * Math.log(0.1 / 0.5);
  expect(stabilityIndex([500_000, 500_000], [900_000, 100_000])).toBeCloseTo(expected, 4);
});

test("a bin that is empty on one side weighs more than a thin one, and not infinitely", () => {
  const thin = stabilityIndex([50, 50, 5], [50, 50, 1]);
  const empty = stabilityIndex([50, 50, 5], [50, 50, 0]);
  expect(empty).toBeGreaterThan(thin);
  expect(empty).toBeLessThan(1);
});
