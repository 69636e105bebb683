import { beforeAll, expect, test } from "vitest";
import { openBackend } from "../backend.ts";
import { splitStrong } from "../evaluation/split.ts";
import { validationNdcg } from "../evaluation/validation.ts";
import { tasteDataset } from "../fixtures/tastes.ts";
import { interactionWeights } from "../weights.ts";
import { RadialAutoencoder } from "./radial-autoencoder.ts";

beforeAll(() => openBackend());

/** A dozen interactions a user, most of them chance: far fewer than the defaults were found on. */
const sparse = interactionWeights(
  await tasteDataset({ users: 400, items: 300, tastes: 6, perUser: 9 }),
);
const { train, validation } = splitStrong(sparse, { seed: 1 });

async function fitted(settings: object, held?: typeof validation) {
  const model = new RadialAutoencoder(settings);
  const report = await model.fit(train, { seed: 1, validation: held });
  return { model, report, ndcg: validationNdcg(model, validation) };
}

test("on data unlike those the defaults come from, validation users choose better settings", async () => {
  const own = await fitted({});
  const searched = await fitted({}, validation);
  expect(searched.ndcg).toBeGreaterThan(1.005 * own.ndcg);
  expect(searched.model.settings().lambda).not.toBe(own.model.settings().lambda);
  expect(searched.report.searchSeconds).toBeGreaterThan(0);
});

test("what they chose is kept when the model is fitted again on everybody", async () => {
  const { model } = await fitted({}, validation);
  const { lambda, linearShare } = model.settings();
  await model.fit(sparse, { seed: 1 });
  expect(model.settings()).toMatchObject({ lambda, linearShare });
});

test("a choice that leaves the hidden layer out ships none", async () => {
  const { model } = await fitted({ linearShare: 1 });
  expect(model.served()).toMatchObject({ hidden: 0 });
});

test("settings given by hand are not searched", async () => {
  const { model } = await fitted({ lambda: 7 }, validation);
  expect(model.settings().lambda).toBe(7);
});
