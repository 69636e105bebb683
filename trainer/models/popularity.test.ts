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

test("an item that millions like goes on being counted", async () => {
  const millions = 2 ** 24 + 2;
  const train = {
    rows: 1,
    cols: 1,
    offsets: Uint32Array.of(0, millions),
    indices: new Uint32Array(millions),
    values: new Float32Array(millions).fill(1),
  };
  const model = new Popularity();
  await model.fit(train);
  const out = new Float32Array(1);
  model.score(csrFromRows([[]], 1), out);
  expect(out[0]).toBe(millions);
});
