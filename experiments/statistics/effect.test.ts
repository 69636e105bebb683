import { expect, test } from "vitest";
import { relativeEffect } from "./effect.ts";
import { type Moments, residualVariance, variance } from "./moments.ts";

/** Moments of users given one by one, with what each did before. */
function moments(
  outcomes: readonly number[],
  before: readonly number[] = outcomes.map(() => 0),
): Moments {
  const sum = (value: (at: number) => number) =>
    outcomes.reduce((total, _, at) => total + value(at), 0);
  return {
    users: outcomes.length,
    sum: sum((at) => outcomes[at]!),
    squares: sum((at) => outcomes[at]! ** 2),
    before: sum((at) => before[at]!),
    beforeSquares: sum((at) => before[at]! ** 2),
    products: sum((at) => outcomes[at]! * before[at]!),
  };
}

test("without anything before it is the ratio of means, with the delta method's error", () => {
  const effect = relativeEffect(moments([1, 2, 3]), moments([2, 4]));
  // Means 2 and 3, variances 1 and 2: 1.5 - 1; (2 / 2) / 4 + 9 (1 / 3) / 16.
  expect(effect).toMatchObject({ relative: 0.5, control: 2, arm: 3, varianceReduction: 0 });
  expect(effect!.standardError).toBeCloseTo(Math.sqrt(0.25 + 3 / 16), 12);
});

test("what users did before explains what they do, and takes its share of the variance away", () => {
  const control = moments([1, 2, 3, 4], [10, 20, 30, 40]);
  const arm = moments([2.1, 2.9, 4.2, 4.9], [10, 20, 30, 40]);
  const effect = relativeEffect(control, arm)!;
  const plain = relativeEffect(moments([1, 2, 3, 4]), moments([2.1, 2.9, 4.2, 4.9]))!;
  expect(effect.relative).toBeCloseTo(plain.relative, 12);
  expect(effect.standardError).toBeLessThan(plain.standardError / 5);
  expect(effect.varianceReduction).toBeGreaterThan(0.9);
  expect(residualVariance(control)).toBeCloseTo(0, 9);
});

test("arms that were busier before are not praised for it", () => {
  const outcomes = [1, 2, 3, 4, 5, 6];
  const effect = relativeEffect(
    moments(outcomes, outcomes),
    moments([2, 3, 4, 5, 6, 7], [2, 3, 4, 5, 6, 7]),
  );
  expect(effect === null ? 0 : effect.relative).toBeCloseTo(0, 9);
});

test.each([
  ["nobody", moments([]), moments([1, 2])],
  ["a single user", moments([1]), moments([1, 2])],
  ["a control that did nothing", moments([0, 0]), moments([1, 2])],
  ["users who are all alike", moments([1, 1]), moments([1, 1])],
])("%s is nothing to compare with", (_, control, arm) => {
  expect(relativeEffect(control, arm)).toBeNull();
});

test("sums of large equal values have no variance left from rounding", () => {
  expect(variance(moments(new Array(1_000).fill(0.1)))).toBe(0);
});
