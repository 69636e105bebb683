import { expect, test } from "vitest";
import { type Csr, csrFromRows } from "../csr.ts";
import { tasteDataset } from "../fixtures/tastes.ts";
import type { FitContext } from "./model.ts";
import { onASample } from "./on-a-sample.ts";
import { Popularity } from "./popularity.ts";
import { RadialAutoencoder } from "./radial-autoencoder.ts";

const { matrix } = await tasteDataset();

/** A model that notes what it was given to learn from. */
class Noting extends Popularity {
  seen: { train?: Csr; sizedBy?: Csr | undefined } = {};

  override fit(train: Csr, context?: FitContext) {
    this.seen = { train, sizedBy: context?.sizedBy };
    return super.fit(train);
  }
}

test("the model learns from the share alone, and is told how large the whole is", async () => {
  const model = new Noting();
  const sampled = onASample(model, 0.25);
  await sampled.fit(matrix, { seed: 1 });
  expect(model.seen.train!.rows).toBe(30);
  expect(model.seen.sizedBy).toBe(matrix);
  expect(sampled.settings()).toMatchObject({ sampledUsers: 0.25 });
});

test("users outside the sample get lists, and the weights can be served", async () => {
  const sampled = onASample(new RadialAutoencoder(), 0.5);
  await sampled.fit(matrix, { seed: 1 });
  expect(sampled.served()!.items).toBe(matrix.cols);
  const newcomer = csrFromRows([[[0, 1]]], matrix.cols);
  const scores = new Float32Array(matrix.cols);
  sampled.score(newcomer, scores);
  expect(scores.every(Number.isFinite)).toBe(true);
  expect(new Set(scores).size).toBeGreaterThan(1);
  sampled.dispose();
});

test("the whole share is the model itself, and what is no share is refused", () => {
  const model = new Popularity();
  expect(onASample(model, 1)).toBe(model);
  for (const share of [0, -1, 1.5, Number.NaN]) {
    expect(() => onASample(model, share)).toThrow("it takes more than 0 and up to 1");
  }
});
