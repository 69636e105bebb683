import { beforeAll, expect, test } from "vitest";
import { foldIn } from "../../release/foldin.ts";
import { buildModel, ModelView } from "../../release/model.ts";
import { topK } from "../../release/topk.ts";
import { openBackend } from "../backend.ts";
import { type Csr, columnCounts, csrFromRows, rowIndices, selectRows } from "../csr.ts";
import { splitStrong } from "../evaluation/split.ts";
import { validationNdcg } from "../evaluation/validation.ts";
import { tasteDataset } from "../fixtures/tastes.ts";
import { interactionWeights } from "../weights.ts";
import { Ease } from "./ease.ts";
import { hiddenLayer } from "./hidden-layer.ts";
import { type LinearFactors, linearFactors } from "./linear-factors.ts";
import { RadialAutoencoder } from "./radial-autoencoder.ts";
import type { RadialSettings } from "./radial-settings.ts";

const dataset = await tasteDataset({ users: 400, items: 120, tastes: 6, perUser: 24 });
const weights = interactionWeights(dataset);
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
      const sums = sumOf(linear, profiles, row);
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

function sumOf({ rank, rows }: LinearFactors, profiles: Csr, row: number): Float64Array {
  const sums = new Float64Array(rank);
  const start = profiles.offsets[row]!;
  rowIndices(profiles, row).forEach((item, at) => {
    const weight = profiles.values[start + at]!;
    for (let k = 0; k < rank; k++) sums[k]! += weight * rows[item * rank + k]!;
  });
  return sums;
}

/** Row of the training user that a centre stands for. */
function userAt(train: Csr, linear: LinearFactors, centres: Float32Array, unit: number): number {
  const cosines = Array.from({ length: train.rows }, (_, user) => {
    const sums = sumOf(linear, train, user);
    let dot = 0;
    sums.forEach((value, k) => {
      dot += value * centres[unit * linear.rank + k]!;
    });
    return dot / Math.hypot(...sums);
  });
  return cosines.indexOf(Math.max(...cosines));
}

/** 0 for an item that the user has not. */
function weightIn(train: Csr, user: number, item: number): number {
  const at = rowIndices(train, user).indexOf(item);
  return at < 0 ? 0 : train.values[train.offsets[user]! + at]!;
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
    const start = split.test.profiles.offsets[row]!;
    const counted = split.test.profiles.values.subarray(start, start + items.length);
    foldIn(view, { items, weights: counted }, scores);
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
      expect(answer).toBeCloseTo(weightIn(train, users[unit]!, item), 2);
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

test("damping popularity divides scores by a power of it, and nothing else", async () => {
  const plain = await fitted(split.train);
  const damped = await fitted(split.train, { popularityDamping: 0.5 });
  const counts = columnCounts(split.train);
  const { profiles } = split.test;
  const [before, after] = [plain, damped].map((model) => {
    const out = new Float32Array(profiles.rows * profiles.cols);
    model.score(profiles, out);
    return out;
  });
  const mean = split.train.indices.length / split.train.cols;
  const largest = Math.max(...before!);
  for (let at = 0; at < profiles.rows * profiles.cols; at++) {
    const factor = (counts[at % profiles.cols]! / mean) ** -0.5;
    // Both are rounded to 8 bits, each in its own units.
    expect(Math.abs(after![at]! - factor * before![at]!)).toBeLessThan(0.03 * largest);
  }
  plain.dispose();
  damped.dispose();
});

test("many units in few dimensions, which answer nearly alike, still give numbers", async () => {
  const model = await fitted(split.train, { rank: 2, units: 200, ridge: 1e-6 });
  expect(validationNdcg(model, split.validation)).toBeGreaterThan(0.1);
  model.dispose();
});

test("a small catalogue gets few dimensions", async () => {
  const model = await fitted(split.train);
  expect(model.served()).toMatchObject({ items: 120, linear: 32, dimensions: 64 });
  model.dispose();
});
