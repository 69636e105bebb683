/**
 * Biased matrix factorisation on explicit ratings, the "SVD" of the Netflix prize (Koren, Bell &
 * Volinsky 2009), fitted by alternating ridge regressions (Zhou et al. 2008, ALS-WR):
 *
 *     r_ui = mu + b_u + b_i + p_u . q_i
 *
 * Each half of an epoch solves the bias and the factors of a row together, with the regularisation
 * lambda (ratings + damping): who rated little stays near the mean. Folding in a profile is the same
 * solve. With 0 factors it is Koren's baseline predictor, the floor for every error figure.
 *
 * It learns what people think of what they chose, not what they choose, and so it ranks poorly.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { UsherError } from "../../release/error.ts";
import { type Csr, transposeCsr } from "../csr.ts";
import type { HeldOut } from "../evaluation/split.ts";
import { seededRandom } from "../random.ts";
import { climb } from "./climb.ts";
import type { FitContext, FitReport, Recommender } from "./model.ts";
import { addOuter, solveInPlace } from "./ridge.ts";

interface SvdSettings {
  /** Length of p and q; 0 leaves the biases alone. */
  factors: number;
  lambda: number;
  /** Ratings that a row is regularised as having beyond its own. */
  damping: number;
  epochs: number;
}

const LOWEST = 0.5;
const HIGHEST = 5;
const LAMBDAS = [0.02, 0.04, 0.08, 0.16, 0.32];

export class Svd implements Recommender {
  readonly name: string;
  readonly kind = "baseline";
  readonly learnsFrom = "ratings";
  #settings: SvdSettings;
  #mean = 0;
  /** items x (factors + 1): q_i, then b_i. */
  #items: Float32Array = new Float32Array(0);

  constructor(settings: Partial<SvdSettings> = {}) {
    this.#settings = { factors: 16, lambda: 0.08, damping: 5, epochs: 12, ...settings };
    this.name = this.#settings.factors === 0 ? "bias" : "svd";
  }

  /** With validation users: the best of five lambdas by their squared error. */
  async fit(train: Csr, context: FitContext): Promise<FitReport> {
    const started = performance.now();
    this.#mean = meanRating(train, this.name);
    const { validation } = context;
    if (validation !== undefined) {
      const { rung: lambda } = await climb(LAMBDAS, async (rung) => {
        this.#settings = { ...this.#settings, lambda: rung };
        await this.#learn(train, { ...context, onProgress: undefined });
        return -squaredError(this, validation);
      });
      this.#settings = { ...this.#settings, lambda };
    }
    const searched = performance.now();
    const curve = await this.#learn(train, context);
    return {
      seconds: (performance.now() - searched) / 1000,
      searchSeconds: (searched - started) / 1000,
      epochs: curve.length,
      curve,
    };
  }

  score(profiles: Csr, out: Float32Array): void {
    const users = new Float32Array(profiles.rows * this.#width);
    this.#solveRows(profiles, this.#items, users);
    for (let user = 0; user < profiles.rows; user++) {
      for (let item = 0; item < profiles.cols; item++) {
        out[user * profiles.cols + item] = this.#mean + this.#deviation(users, user, item);
      }
    }
  }

  predictRatings(profiles: Csr, wanted: Csr): Float32Array {
    const users = new Float32Array(profiles.rows * this.#width);
    this.#solveRows(profiles, this.#items, users);
    const ratings = new Float32Array(wanted.indices.length);
    for (let user = 0; user < wanted.rows; user++) {
      for (let at = wanted.offsets[user]!; at < wanted.offsets[user + 1]!; at++) {
        const rating = this.#mean + this.#deviation(users, user, wanted.indices[at]!);
        ratings[at] = Math.min(HIGHEST, Math.max(LOWEST, rating));
      }
    }
    return ratings;
  }

  settings(): Record<string, unknown> {
    return { ...this.#settings };
  }

  served(): undefined {
    return undefined;
  }

  dispose(): void {
    this.#items = new Float32Array(0);
  }

  get #width(): number {
    return this.#settings.factors + 1;
  }

  async #learn(train: Csr, context: FitContext): Promise<FitReport["curve"]> {
    const epochs = context.epochs ?? this.#settings.epochs;
    const byItem = transposeCsr(train);
    const users = new Float32Array(train.rows * this.#width);
    this.#items = firstFactors(train.cols, this.#width, context.seed);
    const curve: FitReport["curve"] = [];
    for (let epoch = 1; epoch <= epochs; epoch++) {
      await nextTurn();
      context.signal?.throwIfAborted();
      this.#solveRows(train, this.#items, users);
      this.#solveRows(byItem, users, this.#items);
      const loss = this.#loss(train, users);
      if (!Number.isFinite(loss)) throw diverged(this.name, epoch, this.#settings.lambda);
      curve.push({ epoch, loss, ndcg100: null });
      context.onProgress?.({ epoch, epochs, loss, ndcg100: null });
    }
    return curve;
  }

  /** Row by row: ridge regression of (rating - mean - other's bias) on the other side's factors. */
  #solveRows(matrix: Csr, others: Float32Array, out: Float32Array): void {
    const width = this.#width;
    const { factors, lambda, damping } = this.#settings;
    const features = new Float64Array(width);
    const system = new Float64Array(width * width);
    const solution = new Float64Array(width);
    for (let row = 0; row < matrix.rows; row++) {
      system.fill(0);
      solution.fill(0);
      let ratings = 0;
      for (let at = matrix.offsets[row]!; at < matrix.offsets[row + 1]!; at++) {
        const rating = matrix.values[at]!;
        if (Number.isNaN(rating)) continue;
        ratings++;
        const base = matrix.indices[at]! * width;
        for (let k = 0; k < factors; k++) features[k] = others[base + k]!;
        features[factors] = 1;
        addOuter(system, features, 1);
        const target = rating - this.#mean - others[base + factors]!;
        for (let k = 0; k < width; k++) solution[k]! += target * features[k]!;
      }
      for (let k = 0; k < width; k++) system[k * width + k]! += lambda * (ratings + damping);
      solveInPlace(system, solution);
      out.set(solution, row * width);
    }
  }

  /** b_u + b_i + p_u . q_i */
  #deviation(users: Float32Array, user: number, item: number): number {
    const width = this.#width;
    const last = width - 1;
    let sum = users[user * width + last]! + this.#items[item * width + last]!;
    for (let k = 0; k < last; k++) sum += users[user * width + k]! * this.#items[item * width + k]!;
    return sum;
  }

  /** Mean squared error on the training ratings. */
  #loss(train: Csr, users: Float32Array): number {
    let sum = 0;
    let ratings = 0;
    for (let user = 0; user < train.rows; user++) {
      for (let at = train.offsets[user]!; at < train.offsets[user + 1]!; at++) {
        const rating = train.values[at]!;
        if (Number.isNaN(rating)) continue;
        ratings++;
        sum += (rating - this.#mean - this.#deviation(users, user, train.indices[at]!)) ** 2;
      }
    }
    return sum / ratings;
  }
}

/** Small factors, no bias. */
function firstFactors(rows: number, width: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: rows * width }, (_, at) =>
    at % width === width - 1 ? 0 : 0.2 * (random() - 0.5),
  );
}

function meanRating(train: Csr, name: string): number {
  const ratings = train.values.filter((rating) => !Number.isNaN(rating));
  if (ratings.length > 0) return ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length;
  throw new UsherError(
    "RATINGS_MISSING",
    `${name} learns from ratings, and this dataset holds only implicit interest; leave it out.`,
  );
}

/** Mean squared error on the targets of held-out users; without any rating, 0. */
function squaredError(model: Svd, { profiles, targets }: HeldOut): number {
  const predicted = model.predictRatings(profiles, targets);
  let sum = 0;
  let ratings = 0;
  targets.values.forEach((rating, at) => {
    if (Number.isNaN(rating)) return;
    ratings++;
    sum += (rating - predicted[at]!) ** 2;
  });
  return ratings === 0 ? 0 : sum / ratings;
}

function diverged(name: string, epoch: number, lambda: number): UsherError {
  return new UsherError(
    "TRAINING_DIVERGED",
    `${name}: the loss of epoch ${epoch} is not a number. Raise lambda (now ${lambda}).`,
  );
}
