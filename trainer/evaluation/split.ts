/**
 * Strong generalisation: validation and test users are wholly unknown to the model; of each, 80 % of
 * the interactions are folded in and the rest is to be found (Liang et al. 2018, section 4.2).
 */
import { UsherError } from "../../release/error.ts";
import { type Csr, keepValues, rowIndices, selectRows } from "../csr.ts";
import { seededRandom, shuffle } from "../random.ts";

/** Users the model has not seen: what it may look at, and what it should find. */
export interface HeldOut {
  /** Row of each held-out user in the whole matrix. */
  users: Uint32Array;
  /** users x items: the fold-in interactions. */
  profiles: Csr;
  /** users x items: the interactions to be found, disjoint from the profile. */
  targets: Csr;
}

export interface Split {
  train: Csr;
  validation: HeldOut;
  test: HeldOut;
}

export interface SplitOptions {
  seed: number;
  /** Users held out for validation and again for test, at most. Default 500. */
  heldOutUsers?: number;
}

/** Held out at most: this share of all users for validation, and again for test. */
const HELD_OUT_SHARE = 0.2;
/** Users with fewer interactions are never held out. */
const MIN_INTERACTIONS = 5;
const TARGET_SHARE = 0.2;

/**
 * Splits users x items by users. Train rows keep the order of the matrix.
 *
 * Throws `DATASET_TOO_SMALL` when not even one user could be held out for each side.
 */
export function splitStrong(matrix: Csr, { seed, heldOutUsers = 500 }: SplitOptions): Split {
  const random = seededRandom(seed);
  const eligible: number[] = [];
  for (let user = 0; user < matrix.rows; user++) {
    if (rowIndices(matrix, user).length >= MIN_INTERACTIONS) eligible.push(user);
  }
  const count = Math.min(
    heldOutUsers,
    Math.floor(matrix.rows * HELD_OUT_SHARE),
    Math.floor(eligible.length * HELD_OUT_SHARE),
  );
  if (count < 1) {
    throw new UsherError(
      "DATASET_TOO_SMALL",
      `Only ${eligible.length} of ${matrix.rows} users have at least ${MIN_INTERACTIONS} ` +
        "interactions; a model can be measured from 5 such users on. Import more ratings.",
    );
  }
  shuffle(eligible, random);
  const validation = Uint32Array.from(eligible.slice(0, count)).sort();
  const test = Uint32Array.from(eligible.slice(count, 2 * count)).sort();
  const heldOut = new Set([...validation, ...test]);
  const trainUsers = [];
  for (let user = 0; user < matrix.rows; user++) if (!heldOut.has(user)) trainUsers.push(user);
  return {
    train: selectRows(matrix, trainUsers),
    validation: holdOut(matrix, validation, random),
    test: holdOut(matrix, test, random),
  };
}

function holdOut(matrix: Csr, users: Uint32Array, random: () => number): HeldOut {
  const rows = selectRows(matrix, users);
  const isTarget = new Uint8Array(rows.indices.length);
  for (let row = 0; row < rows.rows; row++) {
    const start = rows.offsets[row]!;
    const length = rows.offsets[row + 1]! - start;
    const order = shuffle(
      Uint32Array.from({ length }, (_, at) => start + at),
      random,
    );
    for (const at of order.subarray(0, Math.max(1, Math.floor(length * TARGET_SHARE)))) {
      isTarget[at] = 1;
    }
  }
  const isProfile = isTarget.map((mark) => 1 - mark);
  return { users, profiles: keepValues(rows, isProfile), targets: keepValues(rows, isTarget) };
}
