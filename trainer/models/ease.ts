/**
 * EASE (Steck, WWW 2019, "Embarrassingly Shallow Autoencoders for Sparse Data", equation 8): the
 * closed form that keeps the neural model honest.
 *
 *     P = (X^T X + lambda I)^-1,   B_ij = -P_ij / P_jj,   B_jj = 0,   scores = x B
 *
 * Memory is 2 items^2 floats, time 2 min(users, items)^3 and more: for catalogues up to 15,000 items.
 */
import { UsherError } from "../../release/error.ts";
import type { Csr } from "../csr.ts";
import { validationNdcg } from "../evaluation/validation.ts";
import { invertInPlace } from "../spd-inverse.ts";
import { climb } from "./climb.ts";
import type { FitContext, FitReport, Recommender } from "./model.ts";

/** Above this many items the two square matrices no longer fit in wasm memory. */
const MAX_ITEMS = 15_000;
/** Tried around the default, in this order of size. */
const LAMBDA_LADDER = [0.25, 0.5, 1, 2, 4];

export class Ease implements Recommender {
  readonly name = "ease";
  readonly kind = "baseline";
  /** Given, or chosen by validation users. */
  #lambda: number | undefined;
  #usedLambda = 0;
  /** B: items x items. */
  #similarity: Float32Array = new Float32Array(0);

  /**
   * @param lambda L2 regularisation; by default the best for the validation users, and without them
   * what the number of interactions suggests
   */
  constructor(lambda?: number) {
    this.#lambda = lambda;
  }

  async fit(train: Csr, { validation, signal }: Partial<FitContext> = {}): Promise<FitReport> {
    const started = performance.now();
    if (train.cols > MAX_ITEMS) throw tooLarge(train.cols);
    if (this.#lambda === undefined && validation !== undefined) {
      const first = defaultLambda(train);
      const ladder = LAMBDA_LADDER.map((factor) => Math.max(1, Math.round(factor * first)));
      const best = await climb(ladder, async (lambda) => {
        signal?.throwIfAborted();
        await this.#learn(train, lambda);
        return validationNdcg(this, validation);
      });
      this.#lambda = best.rung;
    }
    const searched = performance.now();
    await this.#learn(train, this.#lambda ?? defaultLambda(train));
    return {
      seconds: (performance.now() - searched) / 1000,
      searchSeconds: (searched - started) / 1000,
      epochs: 0,
      curve: [],
    };
  }

  async #learn(train: Csr, lambda: number): Promise<void> {
    const invert = train.rows < train.cols ? inverseGramByUsers : inverseGram;
    this.#similarity = similarityOf(await invert(train, lambda), train.cols);
    this.#usedLambda = lambda;
  }

  score(profiles: Csr, out: Float32Array): void {
    const n = profiles.cols;
    out.fill(0);
    for (let row = 0; row < profiles.rows; row++) {
      const scores = out.subarray(row * n, (row + 1) * n);
      for (let at = profiles.offsets[row]!; at < profiles.offsets[row + 1]!; at++) {
        const base = profiles.indices[at]! * n;
        const weight = profiles.values[at]!;
        for (let item = 0; item < n; item++) {
          scores[item]! += weight * this.#similarity[base + item]!;
        }
      }
    }
  }

  settings(): Record<string, unknown> {
    return { lambda: this.#usedLambda };
  }

  served(): undefined {
    return undefined;
  }

  dispose(): void {
    this.#similarity = new Float32Array(0);
  }
}

function tooLarge(items: number): UsherError {
  return new UsherError(
    "CATALOGUE_TOO_LARGE",
    `ease: ${items} items are more than the ${MAX_ITEMS} its items x items inverse can hold; ` +
      "leave it out of this evaluation.",
  );
}

/** Near the best on MovieLens small and 100K (about 200) and 1M (about 800), flat around it. */
function defaultLambda(train: Csr): number {
  return Math.round(0.8 * Math.sqrt(train.indices.length));
}

/** (X^T X + lambda I)^-1: items x items. */
async function inverseGram(train: Csr, lambda: number): Promise<Float32Array> {
  const n = train.cols;
  const gram = new Float32Array(n * n);
  for (let user = 0; user < train.rows; user++) {
    const start = train.offsets[user]!;
    const end = train.offsets[user + 1]!;
    for (let a = start; a < end; a++) {
      const base = train.indices[a]! * n;
      const weight = train.values[a]!;
      for (let b = start; b < end; b++)
        gram[base + train.indices[b]!]! += weight * train.values[b]!;
    }
  }
  for (let item = 0; item < n; item++) gram[item * n + item]! += lambda;
  await invertInPlace(gram, n);
  return gram;
}

/**
 * The same inverse by way of the users, for fewer users than items (Woodbury): with
 * M = (X X^T + lambda I)^-1, users x users, it is (I - X^T M X) / lambda.
 */
async function inverseGramByUsers(train: Csr, lambda: number): Promise<Float32Array> {
  const { rows, cols: n } = train;
  const between = new Float32Array(rows * rows);
  const dense = new Float32Array(n);
  for (let user = 0; user < rows; user++) {
    addRow(train, user, 1, dense);
    for (let other = 0; other < rows; other++) {
      between[user * rows + other] = dotRow(train, other, dense) + (user === other ? lambda : 0);
    }
    dense.fill(0);
  }
  await invertInPlace(between, rows);
  const inverse = new Float32Array(n * n);
  const solved = new Float32Array(n); // one row of M X
  for (let user = 0; user < rows; user++) {
    solved.fill(0);
    for (let other = 0; other < rows; other++) {
      addRow(train, other, between[user * rows + other]!, solved);
    }
    for (let at = train.offsets[user]!; at < train.offsets[user + 1]!; at++) {
      const base = train.indices[at]! * n;
      const weight = train.values[at]! / lambda;
      for (let item = 0; item < n; item++) inverse[base + item]! -= weight * solved[item]!;
    }
  }
  for (let item = 0; item < n; item++) inverse[item * n + item]! += 1 / lambda;
  return inverse;
}

function addRow(matrix: Csr, row: number, factor: number, dense: Float32Array): void {
  for (let at = matrix.offsets[row]!; at < matrix.offsets[row + 1]!; at++) {
    dense[matrix.indices[at]!]! += factor * matrix.values[at]!;
  }
}

function dotRow(matrix: Csr, row: number, dense: Float32Array): number {
  let sum = 0;
  for (let at = matrix.offsets[row]!; at < matrix.offsets[row + 1]!; at++) {
    sum += matrix.values[at]! * dense[matrix.indices[at]!]!;
  }
  return sum;
}

/** B from P, in place. */
function similarityOf(inverse: Float32Array, n: number): Float32Array {
  const diagonal = Float32Array.from({ length: n }, (_, item) => inverse[item * n + item]!);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) inverse[i * n + j] = -inverse[i * n + j]! / diagonal[j]!;
    inverse[i * n + i] = 0;
  }
  return inverse;
}
