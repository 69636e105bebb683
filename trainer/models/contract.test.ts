/** What every model of the registry keeps to. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { csrFromRows, selectRows } from "../csr.ts";
import { ratingValues } from "../dataset.ts";
import { splitStrong } from "../evaluation/split.ts";
import { validationNdcg } from "../evaluation/validation.ts";
import { tasteDataset } from "../fixtures/tastes.ts";
import { interactionWeights } from "../weights.ts";
import type { Recommender } from "./model.ts";
import { createModel, MODEL_NAMES } from "./registry.ts";

const dataset = await tasteDataset();
const SPLIT = { seed: 1 };

/** The matrix as a model wants it, and its split. */
function dataFor(model: Pick<Recommender, "learnsFrom">) {
  const ratings = model.learnsFrom === "ratings";
  const matrix = ratings ? ratingValues(dataset) : interactionWeights(dataset);
  return { matrix, split: splitStrong(matrix, SPLIT) };
}

/** Models of ratings rank by opinion; whether they are any good is a matter of their error. */
const RANKERS = MODEL_NAMES.filter((name) => createModel(name).learnsFrom !== "ratings");

describe.each(MODEL_NAMES)("%s", (name) => {
  const { matrix, split } = dataFor(createModel(name));
  let model: Recommender;

  beforeAll(async () => {
    model = createModel(name);
    await model.fit(split.train, { seed: 1, validation: split.validation });
  });
  afterAll(() => model.dispose());

  function scoresOf(rows: number[]): Float32Array {
    const out = new Float32Array(rows.length * matrix.cols);
    model.score(selectRows(matrix, rows), out);
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
    const batch = scoresOf([3, 5, 9]).subarray(matrix.cols, 2 * matrix.cols);
    alone.forEach((score, item) => {
      expect(batch[item]).toBeCloseTo(score, 4);
    });
  });

  test("scores an empty profile and no profile at all", () => {
    const out = new Float32Array(matrix.cols);
    model.score(csrFromRows([[]], matrix.cols), out);
    expect(out.every((score) => Number.isFinite(score))).toBe(true);
    model.score(csrFromRows([], matrix.cols), new Float32Array(0));
  });

  test("the same seed gives the same scores", async () => {
    const again = createModel(name);
    await again.fit(split.train, { seed: 1, validation: split.validation });
    const out = new Float32Array(matrix.cols);
    again.score(selectRows(matrix, [4]), out);
    again.dispose();
    expect(Array.from(out)).toEqual(Array.from(scoresOf([4])));
  });

  test("keeps what it chose by validation users when it is fitted again without any", async () => {
    const chosen = model.settings();
    const again = createModel(name);
    await again.fit(split.train, { seed: 1, validation: split.validation });
    await again.fit(split.train, { seed: 1 });
    expect(again.settings()).toEqual(chosen);
    again.dispose();
  });

  test("predicts ratings within the scale, where it predicts any", () => {
    const predicted = model.predictRatings?.(split.test.profiles, split.test.targets);
    expect(predicted?.length ?? split.test.targets.indices.length).toBe(
      split.test.targets.indices.length,
    );
    for (const rating of predicted ?? []) expect(rating >= 0.5 && rating <= 5).toBe(true);
  });
});

test.each(RANKERS.filter((name) => name !== "popularity"))(
  "%s tells tastes apart far better than popularity",
  async (name) => {
    const { split } = dataFor({});
    const quality = async (of: string) => {
      const model = createModel(of);
      await model.fit(split.train, { seed: 1, validation: split.validation });
      const ndcg = validationNdcg(model, split.test);
      model.dispose();
      return ndcg;
    };
    expect(await quality(name)).toBeGreaterThan(1.2 * (await quality("popularity")));
  },
);

test("an unknown model is refused with the names there are", () => {
  expect(() => createModel("oracle")).toThrow(/popularity, .*ease, linear-autoencoder/);
});
