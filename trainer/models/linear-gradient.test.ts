import { beforeAll, expect, test } from "vitest";
import { openBackend } from "../backend.ts";
import { type Csr, csrFromRows } from "../csr.ts";
import { seededRandom } from "../random.ts";
import {
  type Batch,
  LinearGradient,
  normaliseRows,
  throughNormalisation,
} from "./linear-gradient.ts";

const ITEMS = 9;
const DIMENSIONS = 4;
const USERS = 6;

beforeAll(() => openBackend());

/** The textbook: the whole answer y = x'(A A^T - I) of one user, then the distance. */
function textbookLoss(train: Csr, batch: Batch, rows: Float64Array): number {
  let loss = 0;
  for (const user of batch.users) {
    const input = new Float64Array(ITEMS);
    const target = new Float64Array(ITEMS);
    for (let at = train.offsets[user]!; at < train.offsets[user + 1]!; at++) {
      target[train.indices[at]!] = train.values[at]!;
      if (batch.kept[at] === 1) input[train.indices[at]!] = train.values[at]!;
    }
    const hidden = Float64Array.from({ length: DIMENSIONS }, (_, k) =>
      input.reduce((sum, weight, item) => sum + weight * rows[item * DIMENSIONS + k]!, 0),
    );
    const answer = input.map(
      (weight, item) =>
        hidden.reduce((sum, value, k) => sum + value * rows[item * DIMENSIONS + k]!, 0) - weight,
    );
    const lengthOf = (vector: Float64Array) => Math.hypot(...vector);
    const unitAnswer = answer.map((value) => value / lengthOf(answer));
    const unitTarget = target.map((value) => value / lengthOf(target));
    loss += unitAnswer.reduce((sum, value, item) => sum + (value - unitTarget[item]!) ** 2, 0);
  }
  return loss / batch.users.length;
}

function setting() {
  const random = seededRandom(11);
  const train = csrFromRows(
    Array.from({ length: USERS }, () =>
      Array.from({ length: ITEMS }, (_, item) => [item, random() < 0.5 ? 1 : 2] as const).filter(
        ([item]) => item === 0 || random() < 0.6,
      ),
    ),
    ITEMS,
  );
  const kept = new Uint8Array(train.indices.length);
  for (let at = 0; at < kept.length; at++) kept[at] = random() < 0.3 ? 0 : 1;
  for (let user = 0; user < USERS; user++) kept[train.offsets[user]!] = 1;
  const raw = Float32Array.from({ length: ITEMS * DIMENSIONS }, () => random() - 0.5);
  const rows = new Float32Array(raw.length);
  const lengths = new Float32Array(ITEMS);
  normaliseRows(raw, rows, lengths);
  return { train, batch: { users: Uint32Array.of(0, 2, 3, 5), kept }, raw, rows, lengths };
}

test("the loss equals the textbook's", () => {
  const { train, batch, rows } = setting();
  const fast = new LinearGradient(DIMENSIONS, 8);
  const loss = fast.compute(train, batch, rows, new Float32Array(rows.length));
  expect(loss).toBeCloseTo(textbookLoss(train, batch, Float64Array.from(rows)), 5);
});

test("the gradient equals the textbook loss's finite differences", () => {
  const { train, batch, rows } = setting();
  const gradient = new Float32Array(rows.length);
  new LinearGradient(DIMENSIONS, 8).compute(train, batch, rows, gradient);
  const exact = Float64Array.from(rows);
  const step = 1e-5;
  for (let at = 0; at < rows.length; at++) {
    const there = exact.slice();
    const here = exact.slice();
    there[at]! += step;
    here[at]! -= step;
    const slope =
      (textbookLoss(train, batch, there) - textbookLoss(train, batch, here)) / (2 * step);
    expect(gradient[at]).toBeCloseTo(slope, 3);
  }
});

test("through the normalisation nothing moves a row along itself", () => {
  const { train, batch, rows, lengths } = setting();
  const gradient = new Float32Array(rows.length);
  new LinearGradient(DIMENSIONS, 8).compute(train, batch, rows, gradient);
  throughNormalisation(gradient, rows, lengths);
  for (let item = 0; item < ITEMS; item++) {
    let along = 0;
    for (let k = 0; k < DIMENSIONS; k++) {
      along += gradient[item * DIMENSIONS + k]! * rows[item * DIMENSIONS + k]!;
    }
    expect(along).toBeCloseTo(0, 5);
  }
});

test("an input that dropout has emptied moves nothing", () => {
  const { train, batch, rows } = setting();
  const gradient = new Float32Array(rows.length);
  const empty = { users: batch.users, kept: new Uint8Array(batch.kept.length) };
  expect(new LinearGradient(DIMENSIONS, 8).compute(train, empty, rows, gradient)).toBe(2);
  expect(gradient.every((value) => Math.abs(value) < 1e-6)).toBe(true);
});
