import { expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { bootstrapDifference, bootstrapMean } from "./bootstrap.ts";

const values = (() => {
  const random = seededRandom(4);
  return Float64Array.from({ length: 400 }, () => random());
})();

test("the interval holds the mean and is as wide as theory says", () => {
  const { mean, ci95 } = bootstrapMean(values, 1);
  expect(ci95[0]).toBeLessThan(mean);
  expect(ci95[1]).toBeGreaterThan(mean);
  const standardError = Math.sqrt(1 / 12 / values.length);
  expect(ci95[1] - ci95[0]).toBeCloseTo(2 * 1.96 * standardError, 2);
});

test("the same seed gives the same interval", () => {
  expect(bootstrapMean(values, 3)).toEqual(bootstrapMean(values, 3));
});

test("a small but steady gain shows in the paired difference, not in the two intervals", () => {
  const better = values.map((value) => value + 0.01);
  const paired = bootstrapDifference(better, values, 1);
  expect(paired.ci95[0]).toBeGreaterThan(0.009);
  expect(bootstrapMean(better, 1).ci95[0]).toBeLessThan(bootstrapMean(values, 1).ci95[1]);
});

test("no users give zero, not NaN", () => {
  expect(bootstrapMean(new Float64Array(0), 1)).toEqual({ mean: 0, ci95: [0, 0] });
});
