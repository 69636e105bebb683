import { expect, test } from "vitest";
import { type Csr, csrFromRows } from "../csr.ts";
import { splitStrong } from "../evaluation/split.ts";
import { validationNdcg } from "../evaluation/validation.ts";
import { tasteDataset } from "../fixtures/tastes.ts";
import { seededRandom } from "../random.ts";
import { interactionWeights } from "../weights.ts";
import { Ease } from "./ease.ts";

/** B by plain Gauss-Jordan in float64: the oracle. */
function textbook(train: Csr, lambda: number): Float64Array[] {
  const n = train.cols;
  const system = Array.from({ length: n }, (_, i) => {
    const row = new Float64Array(2 * n);
    row[i] = lambda;
    row[n + i] = 1;
    return row;
  });
  for (let user = 0; user < train.rows; user++) {
    const items = train.indices.subarray(train.offsets[user]!, train.offsets[user + 1]!);
    for (const a of items) for (const b of items) system[a]![b]!++;
  }
  for (let p = 0; p < n; p++) {
    const scale = system[p]![p]!;
    system[p] = system[p]!.map((value) => value / scale);
    for (let i = 0; i < n; i++) {
      if (i === p) continue;
      const factor = system[i]![p]!;
      system[i] = system[i]!.map((value, j) => value - factor * system[p]![j]!);
    }
  }
  return system.map((row, i) =>
    Float64Array.from({ length: n }, (_, j) => (i === j ? 0 : -row[n + j]! / system[j]![n + j]!)),
  );
}

function randomMatrix(users: number, items: number): Csr {
  const random = seededRandom(9);
  return csrFromRows(
    Array.from({ length: users }, () =>
      Array.from({ length: items }, (_, item) => [item, 1] as const).filter(() => random() < 0.3),
    ),
    items,
  );
}

test.each([
  ["more users than items", 40, 12],
  ["more items than users", 10, 25],
])("equals the closed form with %s", async (_, users, items) => {
  const train = randomMatrix(users, items);
  const model = new Ease(3);
  await model.fit(train);
  const similarity = textbook(train, 3);
  const out = new Float32Array(items);
  for (let item = 0; item < items; item++) {
    model.score(csrFromRows([[[item, 1]]], items), out);
    out.forEach((score, other) => {
      expect(score).toBeCloseTo(similarity[item]![other]!, 4);
    });
  }
});

test("a catalogue too large for items x items is refused", async () => {
  const wide = csrFromRows([[[0, 1]]], 20_000);
  await expect(new Ease().fit(wide)).rejects.toThrow(/20000 items are more/);
});

test("lambda is the best for the validation users, and stays so in a fit without any", async () => {
  const dataset = await tasteDataset({ users: 80, perUser: 40, tastes: 2 });
  const { train, validation } = splitStrong(interactionWeights(dataset), { seed: 1 });
  const quality = async (model: Ease) => validationNdcg(model, validation);
  const suggested = new Ease();
  await suggested.fit(train);
  const chosen = new Ease();
  await chosen.fit(train, { validation });
  const { lambda } = chosen.settings();
  expect(lambda).not.toBe(suggested.settings()["lambda"]);
  expect(await quality(chosen)).toBeGreaterThan(await quality(suggested));
  await chosen.fit(train);
  expect(chosen.settings()["lambda"]).toBe(lambda);
});
