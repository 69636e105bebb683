/**
 * The linear part of the shipped model, in closed form and without an items x items matrix.
 *
 * EASE (Steck 2019) with the emphasis of EDLAE (Steck 2020) regularises each item on its own,
 * L = lambda I + p / (1 - p) diag(X^T X), and scores x B with B_ij = -P_ij / P_jj,
 * P = (X^T X + L)^-1. With the eigenpairs (q_k, g_k) of L^-1/2 X^T X L^-1/2,
 *
 *     -P = A A^T - L^-1,    A = L^-1/2 [q_k sqrt(g_k / (1 + g_k))],    P_jj = 1 / L_j - |A_j|^2
 *
 * and the diagonal matrix L^-1 touches none but items of the profile, which are never recommended:
 * what an item j scores is x A A_j / P_jj. Keeping only the leading eigenpairs is no approximation
 * to put up with, it ranks better than the whole (docs/models.md). Each user's row of X is divided by
 * a power of its length, so that a few who have seen everything do not speak for all.
 */
import { UsherError } from "../../release/error.ts";
import type { Csr } from "../csr.ts";
import { type EigenPairs, leadingEigen, symmetricEigen } from "../eigen.ts";
import { seededRandom } from "../random.ts";

export interface LinearSettings {
  /** Eigenpairs kept, at most. */
  rank: number;
  /** Share of the eigenpairs, the last ones, whose weight falls off to 0; 0 for a sharp cut. */
  fade: number;
  /** L2 regularisation. */
  lambda: number;
  /** p: the share of a profile that is thought to be hidden from the input, 0..1. */
  emphasis: number;
  /** A user counts as the number of their interactions to minus this power. */
  activityDamping: number;
}

/** x scores item j with `sum_i x_i rows_i . rows_j * outputs_j`. */
export interface LinearFactors {
  rank: number;
  /** A: items x rank, row-major. */
  rows: Float32Array;
  /** 1 / P_jj: one an item. */
  outputs: Float32Array;
}

/**
 * Fits the factors to `train` (users x items, values are weights). The same seed gives the same.
 *
 * @throws UsherError `WEIGHTS_NOT_FINITE`.
 */
export function linearFactors(train: Csr, settings: LinearSettings, seed: number): LinearFactors {
  if (!train.values.every(Number.isFinite)) throw notFinite();
  const { users, items: penalties } = penaltiesOf(train, settings);
  const rank = Math.min(settings.rank, train.rows, train.cols);
  const scaled = scaledMatrix(train, users, penalties);
  const { values, vectors } = isNarrow(train)
    ? eigenByUsers(scaled, rank)
    : leadingEigen({
        size: train.cols,
        count: rank,
        random: seededRandom(seed),
        iterations: 9,
        multiply: (basis, width) => gramTimes(scaled, basis, width),
      });
  const rows = new Float32Array(train.cols * rank);
  const outputs = new Float32Array(train.cols);
  for (let item = 0; item < train.cols; item++) {
    let square = 0;
    for (let k = 0; k < rank; k++) {
      const kept = Math.sqrt(
        (weightOf(k, rank, settings.fade) * values[k]!) / (1 + values[k]!) / penalties[item]!,
      );
      rows[item * rank + k] = vectors[item * rank + k]! * kept;
      square += rows[item * rank + k]! ** 2;
    }
    outputs[item] = 1 / (1 / penalties[item]! - square);
  }
  return { rank, rows, outputs };
}

function notFinite(): UsherError {
  return new UsherError(
    "WEIGHTS_NOT_FINITE",
    "The dataset has weights that are not numbers. Look into its cleaning report for values that should have been dropped.",
  );
}

/** What an eigenpair counts: a sharp cut would give the last ones as much as the first. */
function weightOf(k: number, rank: number, fade: number): number {
  return fade === 0 ? 1 : Math.min(1, (1 - k / rank) / fade);
}

/** Weight of each user's row, mean about 1, and L of each item. */
function penaltiesOf(train: Csr, { lambda, emphasis, activityDamping }: LinearSettings) {
  const mean = Math.max(1, train.indices.length / Math.max(1, train.rows));
  const users = Float32Array.from({ length: train.rows }, (_, user) => {
    const count = Math.max(1, train.offsets[user + 1]! - train.offsets[user]!);
    return (count / mean) ** -activityDamping;
  });
  const items = new Float64Array(train.cols).fill(lambda);
  const perInteraction = emphasis / (1 - emphasis);
  for (let user = 0; user < train.rows; user++) {
    for (let at = train.offsets[user]!; at < train.offsets[user + 1]!; at++) {
      items[train.indices[at]!]! += perInteraction * users[user]! * train.values[at]! ** 2;
    }
  }
  return { users, items };
}

/** Rows times the root of the user's weight, columns divided by the root of the item's penalty. */
function scaledMatrix(train: Csr, users: Float32Array, penalties: Float64Array): Csr {
  const values = train.values.slice();
  for (let user = 0; user < train.rows; user++) {
    for (let at = train.offsets[user]!; at < train.offsets[user + 1]!; at++) {
      values[at]! *= Math.sqrt(users[user]! / penalties[train.indices[at]!]!);
    }
  }
  return { ...train, values };
}

/** Users up to whom their own matrix is small enough to take apart. */
const FEW_USERS = 1_200;

/** Fewer users than items, and few enough: what X^T X has to give is found in X X^T. */
function isNarrow(train: Csr): boolean {
  return train.rows < train.cols && train.rows <= FEW_USERS;
}

/**
 * The leading eigenpairs of X^T X by way of the users: with (u, g) those of X X^T, users x users, the
 * vectors are X^T u / sqrt(g). All of them, and exactly, in the time of a few iterations.
 */
function eigenByUsers(matrix: Csr, count: number): EigenPairs {
  const { rows: n, cols } = matrix;
  const between = new Float64Array(n * n);
  const dense = new Float64Array(cols);
  for (let user = 0; user < n; user++) {
    forEachValue(matrix, user, (item, value) => {
      dense[item] = value;
    });
    for (let other = 0; other <= user; other++) {
      let sum = 0;
      forEachValue(matrix, other, (item, value) => {
        sum += value * dense[item]!;
      });
      between[user * n + other] = sum;
      between[other * n + user] = sum;
    }
    forEachValue(matrix, user, (item) => {
      dense[item] = 0;
    });
  }
  const { values, vectors: users } = symmetricEigen(between, n);
  const vectors = new Float64Array(cols * count);
  for (let user = 0; user < n; user++) {
    forEachValue(matrix, user, (item, value) => {
      for (let k = 0; k < count; k++) vectors[item * count + k]! += value * users[user * n + k]!;
    });
  }
  const kept = values.slice(0, count).map((value) => Math.max(0, value));
  const scales = kept.map((value) => (value > 1e-9 * values[0]! ? 1 / Math.sqrt(value) : 0));
  for (let at = 0; at < vectors.length; at++) vectors[at]! *= scales[at % count]!;
  return { values: kept, vectors };
}

function forEachValue(
  { offsets, indices, values }: Csr,
  row: number,
  use: (column: number, value: number) => void,
): void {
  for (let at = offsets[row]!; at < offsets[row + 1]!; at++) use(indices[at]!, values[at]!);
}

/** X^T (X Q), user by user: items x width. */
function gramTimes(matrix: Csr, basis: Float32Array, width: number): Float32Array {
  const out = new Float32Array(basis.length);
  const sum = new Float32Array(width);
  for (let user = 0; user < matrix.rows; user++) {
    sum.fill(0);
    for (let at = matrix.offsets[user]!; at < matrix.offsets[user + 1]!; at++) {
      const base = matrix.indices[at]! * width;
      const value = matrix.values[at]!;
      for (let k = 0; k < width; k++) sum[k]! += value * basis[base + k]!;
    }
    for (let at = matrix.offsets[user]!; at < matrix.offsets[user + 1]!; at++) {
      const base = matrix.indices[at]! * width;
      const value = matrix.values[at]!;
      for (let k = 0; k < width; k++) out[base + k]! += value * sum[k]!;
    }
  }
  return out;
}
