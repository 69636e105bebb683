import { type Csr, selectRows } from "./csr.ts";
import { seededRandom, shuffle } from "./random.ts";

/**
 * The rows of a share of the users, drawn without putting back, in the order of the matrix; at least
 * one. A larger share of the same seed holds the smaller one.
 *
 * @param share 0..1 of the rows.
 */
export function sampleUsers(matrix: Csr, share: number, seed: number): Csr {
  if (share >= 1) return matrix;
  const users = Uint32Array.from({ length: matrix.rows }, (_, user) => user);
  shuffle(users, seededRandom(seed));
  return selectRows(matrix, users.subarray(0, Math.max(1, Math.round(share * matrix.rows))).sort());
}
