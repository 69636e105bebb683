import { expect, test } from "vitest";
import type { Csr } from "../csr.ts";
import { mostRank } from "./radial-settings.ts";

function sized(rows: number, cols: number): Csr {
  const offsets = new Uint32Array(rows + 1);
  return { rows, cols, offsets, indices: new Uint32Array(0), values: new Float32Array(0) };
}

test.each<[string, number, number, number]>([
  ["users are as many as eigenpairs can be", 200, 3_600, 200],
  ["a small catalogue has at most half its items", 5_000, 640, 320],
  ["a middling one what is fitted in a minute", 5_000, 3_600, 1_024],
  ["a larger one too", 5_000, 20_000, 447],
  ["a very large one what the edge scans fast", 5_000, 100_000, 136],
  ["without items there is none", 5, 0, 0],
])("how far the rank may grow: %s", (_, users, items, most) => {
  expect(mostRank(sized(users, items), { outputs: 64 })).toBe(most);
});
