import { expect, test } from "vitest";
import { csrFromRows } from "../csr.ts";
import { splitStrong } from "../evaluation/split.ts";
import { seededRandom } from "../random.ts";
import { Svd } from "./svd.ts";

/** Ratings that follow mean + user + item + one hidden taste, a third of them known. */
function opinions(users: number, items: number) {
  const random = seededRandom(3);
  const draw = (length: number, width: number) =>
    Float64Array.from({ length }, () => width * (random() - 0.5));
  const [userBias, itemBias, taste, flavour] = [
    draw(users, 1),
    draw(items, 1),
    draw(users, 3),
    draw(items, 1),
  ] as const;
  const rows = Array.from({ length: users }, (_, user) =>
    Array.from({ length: items }, (_, item) => {
      const rating = 3 + userBias[user]! + itemBias[item]! + taste[user]! * flavour[item]!;
      return [item, Math.min(5, Math.max(0.5, rating))] as const;
    }).filter(() => random() < 0.33),
  );
  return csrFromRows(rows, items);
}

const split = splitStrong(opinions(300, 60), { seed: 1 });

async function errorOf(model: Svd): Promise<number> {
  await model.fit(split.train, { seed: 1, validation: split.validation });
  const predicted = model.predictRatings(split.test.profiles, split.test.targets);
  const squares = split.test.targets.values.map((rating, at) => (rating - predicted[at]!) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}

test("users it never saw get their ratings predicted, far better with factors than by biases", async () => {
  const biases = await errorOf(new Svd({ factors: 0 }));
  expect(biases).toBeLessThan(0.35);
  expect(await errorOf(new Svd({ factors: 2 }))).toBeLessThan(0.5 * biases);
});

test("what carries no rating is passed over, in training and in a profile", async () => {
  const rated: [number, number][][] = [[[1, 4]], [[1, 2]], []];
  const mixed = rated.map((row) => [[0, Number.NaN] as [number, number], ...row]);
  const scores = async (rows: [number, number][][]) => {
    const model = new Svd();
    await model.fit(csrFromRows(rows, 2), { seed: 1 });
    const out = new Float32Array(6);
    model.score(csrFromRows(rows, 2), out);
    return Array.from(out);
  };
  expect(await scores(mixed)).toEqual(await scores(rated));
});

test("nothing but implicit interest is refused with a sentence", async () => {
  const views = csrFromRows([[[0, Number.NaN]]], 1);
  await expect(new Svd().fit(views, { seed: 1 })).rejects.toThrow(/svd learns from ratings/);
});

test("ratings that are all equal are predicted as they are", async () => {
  const model = new Svd();
  await model.fit(
    csrFromRows(
      [
        [
          [0, 4],
          [1, 4],
        ],
        [[1, 4]],
      ],
      2,
    ),
    { seed: 1 },
  );
  const predicted = model.predictRatings(csrFromRows([[[0, 4]]], 2), csrFromRows([[[1, 0]]], 2));
  expect(predicted[0]).toBeCloseTo(4, 5);
});
