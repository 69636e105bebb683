import { expect, test } from "vitest";
import { growRank } from "./grow-rank.ts";
import type { LinearFactors } from "./linear-factors.ts";

/** Factors of two items whose values are 1 to `rank` in both rows. */
function partOf(rank: number): { linear: LinearFactors } {
  const row = Array.from({ length: rank }, (_, k) => k + 1);
  const rows = Float32Array.from([...row, ...row]);
  return { linear: { rank, rows, outputs: Float32Array.of(1, 1) } };
}

/** Grows from rank 8, by what a rank is worth. */
async function grown(worth: (rank: number) => number, most = 1_000, available = 1_000) {
  const fits: number[] = [];
  const { linear } = await growRank(partOf(8), {
    fitted: async (rank) => {
      fits.push(rank);
      return partOf(Math.min(rank, available));
    },
    worth: ({ linear }) => worth(linear.rank),
    most,
    margin: 0.005,
  });
  return { rank: linear.rank, fits };
}

test("the rank doubles for as long as that gains", async () => {
  const { rank, fits } = await grown((rank) => Math.min(rank, 30));
  expect(rank).toBe(32);
  expect(fits).toEqual([16, 32, 64]);
});

test("nothing is fitted where the last half of the eigenpairs gains next to nothing", async () => {
  expect(await grown((rank) => 1 + rank / 1_000)).toEqual({ rank: 8, fits: [] });
});

test("a gain that may be chance is not taken", async () => {
  const { rank, fits } = await grown((rank) => (rank < 8 ? 0.5 : 1 + rank / 10_000));
  expect(rank).toBe(8);
  expect(fits).toEqual([16]);
});

test("it ends at the most there may be, and where the data have no more", async () => {
  expect(await grown((rank) => rank, 20)).toEqual({ rank: 20, fits: [16, 20] });
  expect(await grown((rank) => rank, 8)).toEqual({ rank: 8, fits: [] });
  expect(await grown((rank) => rank, 1_000, 16)).toEqual({ rank: 16, fits: [16, 32] });
});

test("what the last half gains is measured on the rows of the first half", async () => {
  const measured: LinearFactors[] = [];
  await growRank(partOf(4), {
    fitted: async () => partOf(8),
    worth: ({ linear }) => measured.push(linear),
    most: 8,
    margin: 0.005,
  });
  expect(measured).toContainEqual({
    rank: 2,
    rows: Float32Array.of(1, 2, 1, 2),
    outputs: Float32Array.of(1, 1),
  });
});

test("a quality that is not a number is no gain", async () => {
  const { rank } = await grown((rank) => (rank > 8 ? Number.NaN : rank));
  expect(rank).toBe(8);
});
