import { expect, test } from "vitest";
import { csrFromRows } from "../csr.ts";
import { Popularity } from "./popularity.ts";

test("everybody gets the summed weight of each item", async () => {
  const model = new Popularity();
  await model.fit(
    csrFromRows(
      [
        [
          [0, 1],
          [2, 1],
        ],
        [[2, 1]],
      ],
      3,
    ),
  );
  const out = new Float32Array(6);
  model.score(csrFromRows([[], [[1, 1]]], 3), out);
  expect(Array.from(out)).toEqual([1, 0, 2, 1, 0, 2]);
});
