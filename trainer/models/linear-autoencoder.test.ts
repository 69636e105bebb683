import { expect, test } from "vitest";
import { csrFromRows, selectRows } from "../csr.ts";
import { splitStrong } from "../evaluation/split.ts";
import { validationNdcg } from "../evaluation/validation.ts";
import { tasteDataset } from "../fixtures/tastes.ts";
import { interactionWeights } from "../weights.ts";
import { LinearAutoencoder } from "./linear-autoencoder.ts";

const dataset = await tasteDataset();
const weights = interactionWeights(dataset);
const split = splitStrong(weights, { seed: 1 });

test("scores are x(A A^T - I) with unit rows A", async () => {
  const model = new LinearAutoencoder({ dimensions: 8 });
  await model.fit(split.train, { seed: 1, epochs: 2 });
  const { rows, dimensions } = model.served()!;
  const profile = selectRows(weights, [0]);
  const out = new Float32Array(weights.cols);
  model.score(profile, out);
  const dot = (a: number, b: number) => {
    let sum = 0;
    for (let k = 0; k < dimensions; k++)
      sum += rows[a * dimensions + k]! * rows[b * dimensions + k]!;
    return sum;
  };
  for (let item = 0; item < weights.cols; item++) {
    let expected = 0;
    profile.indices.forEach((seen, at) => {
      expected += profile.values[at]! * (dot(seen, item) - (seen === item ? 1 : 0));
    });
    expect(out[item]).toBeCloseTo(expected, 4);
    expect(dot(item, item)).toBeCloseTo(1, 5);
  }
  model.dispose();
});

test("the weights of the best epoch are the ones kept", async () => {
  const model = new LinearAutoencoder({ dimensions: 16, epochs: 12, patience: 12 });
  const report = await model.fit(split.train, { seed: 1, validation: split.validation });
  const best = Math.max(...report.curve.map((point) => point.ndcg100!));
  expect(validationNdcg(model, split.validation)).toBe(best);
  expect(report.curve[report.epochs - 1]!.ndcg100).toBe(best);
  model.dispose();
});

test("without validation it trains exactly the epochs it is told", async () => {
  const model = new LinearAutoencoder({ dimensions: 8 });
  const seen: number[] = [];
  const report = await model.fit(split.train, {
    seed: 1,
    epochs: 3,
    onProgress: ({ epoch }) => seen.push(epoch),
  });
  expect(seen).toEqual([1, 2, 3]);
  expect(report.epochs).toBe(3);
  model.dispose();
});

test("a loss that is not a number ends training with a sentence", async () => {
  const broken = csrFromRows([[[0, Number.NaN]], [[1, 1]]], 3);
  const model = new LinearAutoencoder({ dimensions: 4 });
  await expect(model.fit(broken, { seed: 1, epochs: 2 })).rejects.toThrow(
    /the loss of epoch 1 is not a number/,
  );
});

test("an aborted signal ends training", async () => {
  const model = new LinearAutoencoder({ dimensions: 4 });
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(model.fit(split.train, { seed: 1, signal })).rejects.toThrow("enough");
});

test("scoring before fitting is refused", () => {
  expect(() => new LinearAutoencoder().score(weights, new Float32Array(1))).toThrow(
    /fit it before/,
  );
});
