import { expect, test } from "vitest";
import { csrFromRows } from "../csr.ts";
import { ratingErrors, summariseErrors } from "./rating-errors.ts";

const targets = csrFromRows(
  [
    [
      [0, 4],
      [1, 2],
    ],
    [[2, Number.NaN]],
    [[0, 5]],
  ],
  3,
);

test("errors are weighted by rating, not by user, and what is unrated does not count", () => {
  const errors = ratingErrors(targets, Float32Array.of(3, 4, 1, 5));
  expect([...errors.ratings]).toEqual([2, 0, 1]);
  const { rmse, mae } = summariseErrors(errors, 1);
  expect(rmse!.mean).toBeCloseTo(Math.sqrt((1 + 4 + 0) / 3), 12);
  expect(mae!.mean).toBeCloseTo((1 + 2 + 0) / 3, 12);
  expect(rmse!.ci95[0]).toBeLessThanOrEqual(rmse!.mean);
  expect(rmse!.ci95[1]).toBeGreaterThanOrEqual(rmse!.mean);
});

test("without a single rating there is no figure", () => {
  const none = csrFromRows([[[0, Number.NaN]]], 1);
  expect(summariseErrors(ratingErrors(none, Float32Array.of(3)), 1)).toEqual({});
});
