import { beforeAll, expect, test } from "vitest";
import { openBackend } from "../backend.ts";
import { type Csr, csrFromRows } from "../csr.ts";
import { splitStrong } from "../evaluation/split.ts";
import { validationNdcg } from "../evaluation/validation.ts";
import { tasteDataset } from "../fixtures/tastes.ts";
import { seededRandom, shuffle } from "../random.ts";
import { interactionWeights } from "../weights.ts";
import { Ease } from "./ease.ts";
import { RadialAutoencoder } from "./radial-autoencoder.ts";

beforeAll(() => openBackend());

/** A dozen interactions a user, most of them chance: far fewer than the defaults were found on. */
const sparse = interactionWeights(
  await tasteDataset({ users: 400, items: 300, tastes: 6, perUser: 9 }),
);
const { train, validation } = splitStrong(sparse, { seed: 1 });

/** Users who follow three of many groups of four items, and have three items of each. */
function separateGroups(users: number, groups: number): Csr {
  const random = seededRandom(3);
  const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);
  const rows = upTo(users).map(() =>
    shuffle(upTo(groups), random)
      .slice(0, 3)
      .flatMap((group) =>
        shuffle(upTo(4), random)
          .slice(0, 3)
          .map((at) => 4 * group + at),
      )
      .map((item) => [item, 1] as const),
  );
  return csrFromRows(rows, 4 * groups);
}

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
  const { lambda, rank, linearShare } = model.settings();
  await model.fit(sparse, { seed: 1 });
  expect(model.settings()).toMatchObject({ lambda, rank, linearShare });
});

test("a choice that leaves the hidden layer out ships none", async () => {
  const { model } = await fitted({ linearShare: 1 });
  expect(model.served()).toMatchObject({ hidden: 0 });
});

test("many small groups that have nothing in common get the eigenpairs to tell them apart", async () => {
  const split = splitStrong(separateGroups(500, 160), { seed: 1 });
  const model = new RadialAutoencoder();
  await model.fit(split.train, { seed: 1, validation: split.validation });
  const ease = new Ease();
  await ease.fit(split.train, { seed: 1, validation: split.validation });
  const ours = validationNdcg(model, split.test);
  expect(ours).toBeGreaterThan(0.97 * validationNdcg(ease, split.test));
  const { rank } = model.settings();
  expect(rank).toBeGreaterThan(160);
  expect(model.served()?.linear).toBe(rank);
  model.dispose();
});

test("tastes that few eigenpairs tell apart get no more of them", async () => {
  const own = await fitted({});
  const searched = await fitted({}, validation);
  expect(searched.model.settings().rank).toBe(own.model.settings().rank);
});

test("settings given by hand are not searched", async () => {
  const { model } = await fitted({ lambda: 7 }, validation);
  expect(model.settings().lambda).toBe(7);
});
