import { beforeAll, expect, test } from "vitest";
import { foldIn } from "../../release/foldin.ts";
import { buildModel, ModelView } from "../../release/model.ts";
import { topK } from "../../release/topk.ts";
import { openBackend } from "../backend.ts";
import { type Csr, csrFromRows, rowIndices, selectRows } from "../csr.ts";
import { splitStrong } from "../evaluation/split.ts";
import { validationNdcg } from "../evaluation/validation.ts";
import { tasteDataset } from "../fixtures/tastes.ts";
import { interactionWeights } from "../weights.ts";
import { Ease } from "./ease.ts";
import { hiddenLayer } from "./hidden-layer.ts";
import { type LinearFactors, linearFactors } from "./linear-factors.ts";
import { RadialAutoencoder, type RadialSettings } from "./radial-autoencoder.ts";

const dataset = await tasteDataset({ users: 400, items: 120, tastes: 6, perUser: 24 });
const weights = interactionWeights(dataset.matrix);
const split = splitStrong(weights, { seed: 1 });

beforeAll(() => openBackend());

async function fitted(train: Csr, settings = {}): Promise<RadialAutoencoder> {
  const model = new RadialAutoencoder(settings);
  await model.fit(train, { seed: 1 });
  return model;
}

function rowsOf(rows: number[][], cols: number): Csr {
  return csrFromRows(
    rows.map((items) => items.map((item) => [item, 1] as const)),
    cols,
  );
}

/** The equations of docs/models.md in plain loops, without 8 bits. */
function unquantised(train: Csr, settings: RadialSettings) {
  const linear = linearFactors(train, settings, 1);
  const hidden = hiddenLayer(train, linear, settings, 1);
  const share = (1 - settings.linearShare) / settings.linearShare;
  const score = (profiles: Csr, out: Float32Array) => {
    for (let row = 0; row < profiles.rows; row++) {
      const sums = sumOf(linear, rowIndices(profiles, row));
      const length = Math.hypot(...sums);
      const user = new Float64Array(hidden.outputs);
      for (let m = 0; m < hidden.units; m++) {
        let cosine = 0;
        sums.forEach((value, k) => {
          cosine += (value * hidden.centres[m * linear.rank + k]!) / length;
        });
        const active = Math.exp(settings.sharpness * (cosine - 1));
        for (let d = 0; d < hidden.outputs; d++) {
          user[d]! += active * hidden.mixing[m * hidden.outputs + d]!;
        }
      }
      for (let item = 0; item < profiles.cols; item++) {
        let direct = 0;
        sums.forEach((value, k) => {
          direct += value * linear.rows[item * linear.rank + k]! * linear.outputs[item]!;
        });
        let through = 0;
        user.forEach((value, d) => {
          through += value * hidden.rows[item * hidden.outputs + d]!;
        });
        out[row * profiles.cols + item] = direct + share * through;
      }
    }
  };
  return { score };
}

function sumOf({ rank, rows }: LinearFactors, items: Iterable<number>): Float64Array {
  const sums = new Float64Array(rank);
  for (const item of items) {
    for (let k = 0; k < rank; k++) sums[k]! += rows[item * rank + k]!;
  }
  return sums;
}

/** Row of the training user that a centre stands for. */
function userAt(train: Csr, linear: LinearFactors, centres: Float32Array, unit: number): number {
  const cosines = Array.from({ length: train.rows }, (_, user) => {
    const sums = sumOf(linear, rowIndices(train, user));
    let dot = 0;
    sums.forEach((value, k) => {
      dot += value * centres[unit * linear.rank + k]!;
    });
    return dot / Math.hypot(...sums);
  });
  return cosines.indexOf(Math.max(...cosines));
}

test("the edge's lists from the quantised model are the trainer's", async () => {
  const model = await fitted(split.train);
  const view = ModelView.from(buildModel(model.served()!));
  const ours = new Float32Array(split.test.profiles.rows * weights.cols);
  model.score(split.test.profiles, ours);
  const scores = new Float32Array(weights.cols);
  let agreed = 0;
  for (let row = 0; row < split.test.profiles.rows; row++) {
    const items = rowIndices(split.test.profiles, row);
    foldIn(view, { items, weights: new Float32Array(items.length).fill(1) }, scores);
    const own = ours.subarray(row * weights.cols, (row + 1) * weights.cols);
    const listed = new Set(topK(own, 20, items).items);
    const folded = Array.from(topK(scores, 20, items).items);
    agreed += folded.filter((item) => listed.has(item)).length / 20;
  }
  expect(agreed / split.test.profiles.rows).toBeGreaterThanOrEqual(0.99);
  model.dispose();
});

test("eight bits cost less than half a percent of NDCG@100", async () => {
  const model = await fitted(split.train);
  const quantised = validationNdcg(model, split.test);
  const settings = model.settings() as unknown as RadialSettings;
  const exact = validationNdcg(unquantised(split.train, settings), split.test);
  expect(quantised).toBeGreaterThan(0.995 * exact);
  model.dispose();
});

test("tastes are told apart as well as by EASE", async () => {
  const model = await fitted(split.train);
  const ease = new Ease();
  await ease.fit(split.train);
  expect(validationNdcg(model, split.test)).toBeGreaterThan(
    0.98 * validationNdcg(ease, split.test),
  );
  model.dispose();
});

test("with as many units as users the hidden layer is kernel ridge regression", () => {
  const train = selectRows(weights, [0, 1, 2, 3, 4, 5, 6]);
  const linear = linearFactors(
    train,
    { rank: 5, fade: 0, lambda: 3, emphasis: 0.3, activityDamping: 0 },
    1,
  );
  const sharpness = 1.5;
  const ridge = 0.4;
  const settings = { units: 50, sharpness, ridge, dropout: 0, outputs: 7 };
  const layer = hiddenLayer(train, linear, settings, 1);
  expect(layer.units).toBe(train.rows);
  // At the centres, K a = X - ridge a with a = (K + ridge)^-1 X: what is left over is ridge a.
  const { units, outputs, centres, mixing, rows } = layer;
  const weightOf = (unit: number, item: number) => {
    let sum = 0;
    for (let d = 0; d < outputs; d++)
      sum += mixing[unit * outputs + d]! * rows[item * outputs + d]!;
    return sum;
  };
  const cosine = (a: number, b: number) => {
    let sum = 0;
    for (let d = 0; d < linear.rank; d++) {
      sum += centres[a * linear.rank + d]! * centres[b * linear.rank + d]!;
    }
    return sum;
  };
  const users = Array.from({ length: units }, (_, unit) => userAt(train, linear, centres, unit));
  for (let unit = 0; unit < units; unit++) {
    for (let item = 0; item < train.cols; item++) {
      let answer = ridge * weightOf(unit, item);
      for (let other = 0; other < units; other++) {
        answer += Math.exp(sharpness * (cosine(unit, other) - 1)) * weightOf(other, item);
      }
      const has = rowIndices(train, users[unit]!).includes(item) ? 1 : 0;
      expect(answer).toBeCloseTo(has, 2);
    }
  }
});

test.each<[string, Csr]>([
  [
    "three users in all",
    rowsOf(
      [
        [0, 1],
        [1, 2],
        [0, 2, 3],
      ],
      5,
    ),
  ],
  ["one user with one item", rowsOf([[0]], 3)],
  [
    "users who have everything",
    rowsOf(
      [
        [0, 1, 2],
        [0, 1, 2],
      ],
      3,
    ),
  ],
  ["users without items", rowsOf([[], [], [1]], 3)],
  ["nobody at all", rowsOf([], 3)],
])("%s: every score is a number", async (_, train) => {
  const model = await fitted(train);
  const out = new Float32Array(3 * train.cols);
  model.score(rowsOf([[], [0], [0, 1, 2]], train.cols), out);
  expect(out.every(Number.isFinite)).toBe(true);
  buildModel(model.served()!);
  model.dispose();
});

test("a weight that is not a number ends the fit with a sentence", async () => {
  const broken = csrFromRows([[[0, Number.NaN]], [[1, 1]]], 3);
  await expect(fitted(broken)).rejects.toThrow(/not numbers/);
});

test("an aborted signal ends the fit", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  const model = new RadialAutoencoder();
  await expect(model.fit(split.train, { seed: 1, signal })).rejects.toThrow("enough");
});

test("scoring before fitting is refused", () => {
  expect(() => new RadialAutoencoder().score(weights, new Float32Array(1))).toThrow(
    /fit it before/,
  );
});
