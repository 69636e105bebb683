/**
 * Implicit ALS (Hu, Koren & Volinsky, ICDM 2008) with what Rendle et al. ("Revisiting the
 * Performance of iALS on Item Recommendation Benchmarks", 2021) found to matter: the weight of what
 * was not observed and a regularisation that follows frequency. It minimises
 *
 *     sum over observed of c (w.h - 1)^2 + alpha sum over all of (w.h)^2
 *       + lambda (sum over users of f_u^nu |w_u|^2 + sum over items of f_i^nu |h_i|^2)
 *
 * with f = interactions + alpha * (size of the other side). Training takes conjugate gradient steps
 * from the last solution (Takacs et al., RecSys 2011); folding in a profile is one exact ridge solve.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { UsherError } from "../../release/error.ts";
import { type Csr, transposeCsr } from "../csr.ts";
import { validationNdcg } from "../evaluation/validation.ts";
import { seededRandom } from "../random.ts";
import { gramOf, improveRows, lossOf, type Side } from "./als-steps.ts";
import { climb } from "./climb.ts";
import { EarlyStopping } from "./early-stopping.ts";
import type { FitContext, FitReport, Recommender } from "./model.ts";
import { addOuter, solveInPlace } from "./ridge.ts";

interface AlsSettings {
  dimensions: number;
  /** Weight of an unobserved pair. */
  alpha: number;
  lambda: number;
  /** Exponent of the frequency in the regularisation: 1 as Rendle et al. advise. */
  nu: number;
  /** Epochs at most, and exactly when there are no validation users. */
  epochs: number;
  patience: number;
}

const DEFAULTS: AlsSettings = {
  dimensions: 64,
  alpha: 0.3,
  lambda: 0.01,
  nu: 1,
  epochs: 16,
  patience: 3,
};

/** Tried from the middle outwards: quality hangs on it more than on all else. */
const LAMBDAS = [0.0025, 0.005, 0.01, 0.02, 0.04];
/** Enough to tell one lambda from another. */
const SEARCH_EPOCHS = 5;

export class Als implements Recommender {
  readonly name = "als";
  readonly kind = "baseline";
  #settings: AlsSettings;
  /** H: items x dimensions. */
  #items: Float32Array = new Float32Array(0);
  /** alpha H^T H: dimensions x dimensions. */
  #gram: Float64Array = new Float64Array(0);

  constructor(settings: Partial<AlsSettings> = {}) {
    this.#settings = { ...DEFAULTS, ...settings };
  }

  /** With validation users: the best of five lambdas, then as many epochs as gain. */
  async fit(train: Csr, context: FitContext): Promise<FitReport> {
    const started = performance.now();
    if (context.validation !== undefined) {
      const search = { ...context, epochs: SEARCH_EPOCHS, onProgress: undefined };
      const { rung: lambda } = await climb(LAMBDAS, async (rung) => {
        this.#settings = { ...this.#settings, lambda: rung };
        const { curve } = await this.#learn(train, search);
        return Math.max(...curve.map(({ ndcg100 }) => ndcg100 ?? 0));
      });
      this.#settings = { ...this.#settings, lambda };
    }
    const searched = performance.now();
    const learned = await this.#learn(train, context);
    return {
      ...learned,
      seconds: (performance.now() - searched) / 1000,
      searchSeconds: (searched - started) / 1000,
    };
  }

  async #learn(train: Csr, context: FitContext): Promise<Pick<FitReport, "epochs" | "curve">> {
    const { dimensions: d, patience } = this.#settings;
    const epochs = context.epochs ?? this.#settings.epochs;
    const users: Side = { matrix: train, factors: new Float32Array(train.rows * d) };
    const items: Side = {
      matrix: transposeCsr(train),
      factors: firstFactors(train.cols * d, d, context.seed),
    };
    const stopping = new EarlyStopping(patience);
    const curve: FitReport["curve"] = [];
    let best = items.factors;
    for (let epoch = 1; epoch <= epochs; epoch++) {
      for (const [side, other] of [
        [users, items],
        [items, users],
      ] as const) {
        await nextTurn();
        context.signal?.throwIfAborted();
        improveRows(side, other.factors, this.#settings);
      }
      const loss = lossOf(users, items.factors, this.#settings);
      if (!Number.isFinite(loss)) throw diverged(epoch, this.#settings);
      this.#adopt(items.factors);
      const ndcg100 = context.validation ? validationNdcg(this, context.validation) : null;
      curve.push({ epoch, loss, ndcg100 });
      context.onProgress?.({ epoch, epochs, loss, ndcg100 });
      if (ndcg100 === null) continue;
      const verdict = stopping.note(epoch, ndcg100);
      if (verdict.improved) best = items.factors.slice();
      if (verdict.stop) break;
    }
    this.#adopt(best);
    return { epochs: context.validation ? stopping.bestEpoch : curve.length, curve };
  }

  score(profiles: Csr, out: Float32Array): void {
    const { dimensions: d } = this.#settings;
    const items = this.#items;
    for (let row = 0; row < profiles.rows; row++) {
      const user = this.#foldIn(profiles, row);
      for (let item = 0; item < profiles.cols; item++) {
        let sum = 0;
        for (let k = 0; k < d; k++) sum += user[k]! * items[item * d + k]!;
        out[row * profiles.cols + item] = sum;
      }
    }
  }

  settings(): Record<string, unknown> {
    const { patience: _patience, ...settings } = this.#settings;
    return settings;
  }

  served(): undefined {
    return undefined;
  }

  dispose(): void {
    this.#items = new Float32Array(0);
  }

  /** w = (alpha H^T H + sum of c h h^T + lambda f^nu I)^-1 sum of c h, over the profile's items. */
  #foldIn(profiles: Csr, row: number): Float64Array {
    const { dimensions: d, alpha, lambda, nu } = this.#settings;
    const start = profiles.offsets[row]!;
    const end = profiles.offsets[row + 1]!;
    const system = this.#gram.slice();
    const solution = new Float64Array(d);
    for (let at = start; at < end; at++) {
      const weight = profiles.values[at]!;
      const base = profiles.indices[at]! * d;
      const factors = this.#items.subarray(base, base + d);
      addOuter(system, factors, weight);
      for (let k = 0; k < d; k++) solution[k]! += weight * factors[k]!;
    }
    const ridge = lambda * (end - start + alpha * profiles.cols) ** nu;
    for (let k = 0; k < d; k++) system[k * d + k]! += ridge;
    solveInPlace(system, solution);
    return solution;
  }

  #adopt(items: Float32Array): void {
    this.#items = items;
    this.#gram = gramOf(items, this.#settings);
  }
}

/** Uniform with the variance 0.01 / d that Rendle et al. start from. */
function firstFactors(length: number, d: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  const width = 0.1 * Math.sqrt(12 / d);
  return Float32Array.from({ length }, () => width * (random() - 0.5));
}

function diverged(epoch: number, { lambda, alpha }: AlsSettings): UsherError {
  return new UsherError(
    "TRAINING_DIVERGED",
    `als: the loss of epoch ${epoch} is not a number. Raise lambda (now ${lambda}) or alpha ` +
      `(now ${alpha}), or look for weights out of range in the dataset.`,
  );
}
