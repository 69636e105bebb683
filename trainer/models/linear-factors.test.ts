import { beforeAll, expect, test } from "vitest";
import { openBackend } from "../backend.ts";
import { type Csr, csrFromRows } from "../csr.ts";
import { seededRandom } from "../random.ts";
import { Ease } from "./ease.ts";
import { linearFactors } from "./linear-factors.ts";

beforeAll(() => openBackend());

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
  ["more users than items", 60, 14],
  ["more items than users", 12, 40],
])(
  "with %s, all eigenpairs without emphasis are EASE, the profile apart",
  async (_, users, items) => {
    const train = randomMatrix(users, items);
    const ease = new Ease(5);
    await ease.fit(train);
    const plain = { rank: items, fade: 0, lambda: 5, emphasis: 0, activityDamping: 0 };
    const { rank, rows, outputs } = linearFactors(train, plain, 1);
    const expected = new Float32Array(items);
    for (let from = 0; from < items; from++) {
      ease.score(csrFromRows([[[from, 1]]], items), expected);
      for (let to = 0; to < items; to++) {
        if (to === from) continue;
        let score = 0;
        for (let k = 0; k < rank; k++) score += rows[from * rank + k]! * rows[to * rank + k]!;
        expect(score * outputs[to]!).toBeCloseTo(expected[to]!, 3);
      }
    }
  },
);

test("an item that nobody has gets a row of zeros", () => {
  const train = csrFromRows(
    [
      [[0, 1]],
      [
        [0, 1],
        [1, 1],
      ],
    ],
    3,
  );
  const settings = { rank: 8, fade: 0.5, lambda: 1, emphasis: 0.5, activityDamping: 0.5 };
  const { rank, rows, outputs } = linearFactors(train, settings, 1);
  expect(rank).toBe(2);
  expect(Array.from(rows.subarray(2 * rank))).toEqual([0, 0]);
  expect(outputs.every((output) => Number.isFinite(output) && output > 0)).toBe(true);
});
