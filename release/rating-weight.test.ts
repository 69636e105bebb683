import fc from "fast-check";
import { expect, test } from "vitest";
import { sixteenth, weightOfFreshRating, weightOfRating } from "./rating-weight.ts";

const rating = fc.integer({ min: 1, max: 10 }).map((halves) => halves / 2);

test("a better rating never weighs less, and none is as good as five stars", () => {
  fc.assert(
    fc.property(rating, rating, (a, b) => {
      if (a <= b) expect(weightOfRating(a)).toBeLessThanOrEqual(weightOfRating(b));
    }),
  );
  expect(weightOfRating(1)).toBe(0.5);
  expect(weightOfRating(5)).toBe(1);
  expect(weightOfRating(null)).toBe(1);
});

test("a rating that was just given weighs what it weighs in training, but one star nothing", () => {
  for (const value of [null, 1.5, 2, 3.5, 5]) {
    expect(weightOfFreshRating(value)).toBe(weightOfRating(value));
  }
  expect([0.5, 1].map(weightOfFreshRating)).toEqual([0, 0]);
});

test("a profile can keep every weight as it is", () => {
  fc.assert(
    fc.property(rating, (value) => sixteenth(weightOfRating(value)) === weightOfRating(value)),
  );
  expect(sixteenth(0.001)).toBe(1 / 16);
});
