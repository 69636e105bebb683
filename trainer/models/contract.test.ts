/** What every model of the registry keeps to. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { csrFromRows, selectRows } from "../csr.ts";
import { splitStrong } from "../evaluation/split.ts";
import { validationNdcg } from "../evaluation/validation.ts";
import { tasteDataset } from "../fixtures/tastes.ts";
import { interactionWeights } from "../weights.ts";
import type { Recommender } from "./model.ts";
import { createModel, MODEL_NAMES } from "./registry.ts";

const dataset = await tasteDataset();
const weights = interactionWeights(dataset.matrix);
const split = splitStrong(weights, { seed: 1 });

describe.each(MODEL_NAMES)("%s", (name) => {
  let model: Recommender;

  beforeAll(async () => {
    model = createModel(name);
    await model.fit(split.train, { seed: 1, validation: split.validation });
  });
  afterAll(() => model.dispose());

  function scoresOf(rows: number[]): Float32Array {
    const out = new Float32Array(rows.length * weights.cols);
    model.score(selectRows(weights, rows), out);
    return out;
  }

  test("bears the name it is registered under", () => {
    expect(model.name).toBe(name);
  });

  test("gives every item of every profile a finite score", () => {
    expect(scoresOf([0, 1, 2]).every((score) => Number.isFinite(score))).toBe(true);
  });

  test("scores a profile the same alone and in a batch", () => {
    const alone = scoresOf([5]);
    const batch = scoresOf([3, 5, 9]).subarray(weights.cols, 2 * weights.cols);
    alone.forEach((score, item) => {
      expect(batch[item]).toBeCloseTo(score, 4);
    });
  });

  test("scores an empty profile and no profile at all", () => {
    const out = new Float32Array(weights.cols);
    model.score(csrFromRows([[]], weights.cols), out);
    expect(out.every((score) => Number.isFinite(score))).toBe(true);
    model.score(csrFromRows([], weights.cols), new Float32Array(0));
  });

  test("the same seed gives the same scores", async () => {
    const again = createModel(name);
    await again.fit(split.train, { seed: 1, validation: split.validation });
    const out = new Float32Array(weights.cols);
    again.score(selectRows(weights, [4]), out);
    again.dispose();
    expect(Array.from(out)).toEqual(Array.from(scoresOf([4])));
  });

  test.skipIf(name === "popularity")("tells tastes apart far better than popularity", async () => {
    const popularity = createModel("popularity");
    await popularity.fit(split.train, { seed: 1 });
    const floor = validationNdcg(popularity, split.test);
    expect(validationNdcg(model, split.test)).toBeGreaterThan(1.2 * floor);
  });
});

test("an unknown model is refused with the names there are", () => {
  expect(() => createModel("oracle")).toThrow(/popularity, ease, linear-autoencoder/);
});
