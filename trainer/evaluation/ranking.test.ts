import { expect, test } from "vitest";
import { type Csr, csrFromRows } from "../csr.ts";
import { rankHeldOut } from "./ranking.ts";
import { validationNdcg } from "./validation.ts";

/** Scores an item by its number, or all alike. */
function scorer(score: (item: number) => number) {
  return {
    score(profiles: Csr, out: Float32Array) {
      for (let at = 0; at < out.length; at++) out[at] = score(at % profiles.cols);
    },
  };
}

const heldOut = {
  users: Uint32Array.of(0, 1),
  profiles: csrFromRows([[[5, 1]], [[3, 1]]], 6),
  targets: csrFromRows([[[4, 1]], [[0, 1]]], 6),
};

test("items of the profile are never ranked", () => {
  const ranked = rankHeldOut(
    scorer((item) => item),
    heldOut,
    3,
  );
  expect(ranked.map((items) => Array.from(items))).toEqual([
    [4, 3, 2],
    [5, 4, 2],
  ]);
});

test("equal scores rank the lower item first", () => {
  const ranked = rankHeldOut(
    scorer(() => 1),
    heldOut,
    6,
  );
  expect(Array.from(ranked[0]!)).toEqual([0, 1, 2, 3, 4]);
});

test("the validation figure is the mean NDCG of the users", () => {
  const value = validationNdcg(
    scorer((item) => item),
    heldOut,
  );
  expect(value).toBeCloseTo((1 + 1 / Math.log2(6)) / 2, 12);
});
