import { expect, test } from "vitest";
import { csrFromRows } from "./csr.ts";
import { interactionWeights } from "./weights.ts";

test("whatever a user chose to rate counts as one interaction", () => {
  const ratings = csrFromRows([[[0, 0.5]], [[1, 5]]], 2);
  expect(Array.from(interactionWeights(ratings).values)).toEqual([1, 1]);
  expect(Array.from(ratings.values)).toEqual([0.5, 5]);
});
