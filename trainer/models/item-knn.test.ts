import { expect, test } from "vitest";
import { csrFromRows } from "../csr.ts";
import { ItemKnn } from "./item-knn.ts";

const train = csrFromRows(
  [
    [
      [0, 1],
      [1, 1],
    ],
    [
      [0, 1],
      [1, 1],
      [2, 1],
    ],
    [
      [2, 1],
      [3, 1],
    ],
  ],
  4,
);

async function scores(
  settings: ConstructorParameters<typeof ItemKnn>[0],
  profile: [number, number][],
) {
  const model = new ItemKnn(settings);
  await model.fit(train, { seed: 1 });
  const out = new Float32Array(4);
  model.score(csrFromRows([profile], 4), out);
  return Array.from(out);
}

test("scores are cosines shrunk by the denominator, weighted by the profile", async () => {
  const [self, ...others] = await scores({ neighbours: 9, shrinkage: 2 }, [[0, 0.5]]);
  expect(self).toBe(0);
  expect(others[0]).toBeCloseTo(0.5 * (2 / (2 + 2)), 6);
  expect(others[1]).toBeCloseTo(0.5 * (1 / (2 + 2)), 6);
  expect(others[2]).toBe(0);
});

test("an item is scored by its own nearest neighbours, not by whose neighbour it is", async () => {
  // Nearest to 0 is 1, but nearest to 2 is 0.
  const hub = csrFromRows(
    [
      [
        [0, 1],
        [1, 1],
      ],
      [
        [0, 1],
        [1, 1],
      ],
      [
        [0, 1],
        [2, 1],
      ],
    ],
    3,
  );
  const model = new ItemKnn({ neighbours: 1, shrinkage: 0 });
  await model.fit(hub, { seed: 1 });
  const out = new Float32Array(6);
  model.score(csrFromRows([[[0, 1]], [[2, 1]]], 3), out);
  expect(out[2]).toBeCloseTo(1 / Math.sqrt(3), 6);
  expect([out[3], out[4]]).toEqual([0, 0]);
});

test("a fit over the many pairs of one user who rated everything hears an abort", async () => {
  const everything = Array.from({ length: 3000 }, (_, item) => [item, 1] as const);
  const wish = new AbortController();
  const fit = new ItemKnn().fit(csrFromRows([everything], 3000), { seed: 1, signal: wish.signal });
  setImmediate(() => wish.abort(new Error("no longer wanted")));
  await expect(fit).rejects.toThrow("no longer wanted");
});
