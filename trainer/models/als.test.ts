import { expect, test } from "vitest";
import { csrFromRows } from "../csr.ts";
import { seededRandom } from "../random.ts";
import { Als } from "./als.ts";
import { improveRows } from "./als-steps.ts";
import { addOuter, solveInPlace } from "./ridge.ts";

const random = seededRandom(5);
const weights = { dimensions: 3, alpha: 0.2, lambda: 0.1, nu: 1 };
const matrix = csrFromRows(
  [
    [
      [0, 1],
      [2, 2],
    ],
    [[1, 1]],
    [],
  ],
  4,
);
const fixed = Float32Array.from({ length: 12 }, () => random() - 0.5);

/** The row's ridge regression, written out: the oracle. */
function exact(row: number): Float64Array {
  const system = new Float64Array(9);
  const solution = new Float64Array(3);
  for (let item = 0; item < 4; item++) {
    addOuter(system, fixed.subarray(3 * item, 3 * item + 3), weights.alpha);
  }
  const start = matrix.offsets[row]!;
  const end = matrix.offsets[row + 1]!;
  for (let at = start; at < end; at++) {
    const factors = fixed.subarray(3 * matrix.indices[at]!, 3 * matrix.indices[at]! + 3);
    addOuter(system, factors, matrix.values[at]!);
    factors.forEach((factor, k) => {
      solution[k]! += matrix.values[at]! * factor;
    });
  }
  for (let k = 0; k < 3; k++) system[4 * k]! += weights.lambda * (end - start + weights.alpha * 4);
  solveInPlace(system, solution);
  return solution;
}

test("as many gradient steps as dimensions reach the exact ridge solution", () => {
  const factors = new Float32Array(9);
  improveRows({ matrix, factors }, fixed, weights);
  for (const row of [0, 1]) {
    exact(row).forEach((value, k) => {
      expect(factors[3 * row + k]).toBeCloseTo(value, 5);
    });
  }
  expect(Array.from(factors.subarray(6))).toEqual([0, 0, 0]);
});

test("the loss falls from epoch to epoch", async () => {
  const rows = Array.from({ length: 40 }, (_, user) =>
    Array.from({ length: 6 }, (_, n) => [(user % 4) * 6 + n, 1] as const),
  );
  const model = new Als({ dimensions: 8, epochs: 5 });
  const { curve } = await model.fit(csrFromRows(rows, 24), { seed: 1 });
  expect(curve).toHaveLength(5);
  for (let at = 1; at < curve.length; at++) {
    expect(curve[at]!.loss).toBeLessThanOrEqual(curve[at - 1]!.loss * 1.001);
  }
});

test("weights out of range end in a sentence, not in NaN", async () => {
  const broken = csrFromRows([[[0, Number.POSITIVE_INFINITY]], [[1, 1]]], 2);
  await expect(new Als().fit(broken, { seed: 1 })).rejects.toThrow(/als: the loss of epoch 1/);
});
