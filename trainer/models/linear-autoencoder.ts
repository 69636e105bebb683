/**
 * The linear shallow autoencoder ELSA (Vancura et al., RecSys 2022): item vectors A of length one,
 * scores y = x(A A^T - I), trained with tfjs by Adam under input dropout.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { UsherError } from "../../release/error.ts";
import { linearWeights } from "../../release/model.ts";
import { type Matrix, multiplyInto, openBackend, transposed, upload } from "../backend.ts";
import type { Csr } from "../csr.ts";
import { validationNdcg } from "../evaluation/validation.ts";
import { type Random, seededRandom, shuffle } from "../random.ts";
import { Adam } from "./adam.ts";
import { EarlyStopping } from "./early-stopping.ts";
import { encodeProfiles } from "./encode.ts";
import { LinearGradient, normaliseRows, throughNormalisation } from "./linear-gradient.ts";
import type { FitContext, FitReport, Recommender, ServedModel } from "./model.ts";

export interface LinearAutoencoderSettings {
  /** Length of an item vector. */
  dimensions: number;
  /** Users per step. */
  batchSize: number;
  /** Adam's step. */
  learningRate: number;
  /** Share of a profile hidden from the input at each step. */
  dropout: number;
  /** Epochs at most, and exactly when there are no validation users. */
  epochs: number;
  /** Epochs without gain after which training stops. */
  patience: number;
}

/** Settings by the data's size; found on MovieLens small, 100K and 1M. */
function defaultSettings(train: Csr): LinearAutoencoderSettings {
  const large = train.indices.length >= 500_000;
  return {
    dimensions: large ? 256 : 128,
    batchSize: large ? 250 : 64,
    learningRate: large ? 0.05 : 0.1,
    dropout: large ? 0.3 : 0.5,
    epochs: large ? 20 : 40,
    patience: 4,
  };
}

export class LinearAutoencoder implements Recommender {
  readonly name = "linear-autoencoder";
  readonly kind = "neural";
  readonly #given: Partial<LinearAutoencoderSettings>;
  #settings: LinearAutoencoderSettings | undefined;
  /** A: items x dimensions, unit rows. */
  #rows = new Float32Array(0);
  /** A^T on the backend, made when first scored after a change of A. */
  #rowsT: Matrix | undefined;

  /** @param settings what to set by hand; the rest follows the data's size */
  constructor(settings: Partial<LinearAutoencoderSettings> = {}) {
    this.#given = settings;
  }

  async fit(train: Csr, context: FitContext): Promise<FitReport> {
    const started = performance.now();
    await openBackend();
    const settings = { ...defaultSettings(train), ...this.#given };
    if (context.epochs !== undefined) settings.epochs = context.epochs;
    this.#settings = settings;
    const random = seededRandom(context.seed);
    const raw = initialRows(train.cols * settings.dimensions, random);
    const trainer = new EpochTrainer(train, settings, raw, random);
    const stopping = new EarlyStopping(settings.patience);
    const curve: FitReport["curve"] = [];
    let best = raw;

    for (let epoch = 1; epoch <= settings.epochs; epoch++) {
      const loss = await trainer.epoch(context.signal);
      if (!Number.isFinite(loss)) throw diverged(epoch, settings);
      this.#adopt(raw, settings.dimensions);
      const ndcg100 = context.validation ? validationNdcg(this, context.validation) : null;
      curve.push({ epoch, loss, ndcg100 });
      context.onProgress?.({ epoch, epochs: settings.epochs, loss, ndcg100 });
      if (ndcg100 === null) continue;
      const verdict = stopping.note(epoch, ndcg100);
      if (verdict.improved) best = raw.slice();
      if (verdict.stop) break;
    }
    this.#adopt(best, settings.dimensions);
    const epochs = context.validation ? stopping.bestEpoch : curve.length;
    return { seconds: (performance.now() - started) / 1000, epochs, curve };
  }

  score(profiles: Csr, out: Float32Array): void {
    const d = this.#settings?.dimensions;
    if (d === undefined) {
      throw new UsherError("MODEL_NOT_FITTED", "linear-autoencoder: fit it before scoring.");
    }
    if (profiles.rows === 0) return;
    this.#rowsT ??= transposeOf(this.#rows, profiles.cols, d);
    const inputs = new Float32Array(profiles.rows * d);
    encodeProfiles(this.served()!, profiles, inputs);
    const left = upload(inputs, profiles.rows, d);
    multiplyInto(left, this.#rowsT, out);
    left.dispose();
    for (let row = 0; row < profiles.rows; row++) {
      for (let at = profiles.offsets[row]!; at < profiles.offsets[row + 1]!; at++) {
        out[row * profiles.cols + profiles.indices[at]!]! -= profiles.values[at]!;
      }
    }
  }

  settings(): Record<string, unknown> {
    return { ...this.#settings };
  }

  served(): ServedModel | undefined {
    if (this.#settings === undefined) return undefined;
    return linearWeights(this.#rows, this.#settings.dimensions);
  }

  dispose(): void {
    this.#rowsT?.dispose();
    this.#rowsT = undefined;
  }

  #adopt(raw: Float32Array, dimensions: number): void {
    this.dispose();
    if (this.#rows.length !== raw.length) this.#rows = new Float32Array(raw.length);
    normaliseRows(raw, this.#rows, new Float32Array(raw.length / dimensions));
  }
}

/** Runs epochs over the training users; owns what lives from step to step. */
class EpochTrainer {
  readonly #train: Csr;
  readonly #settings: LinearAutoencoderSettings;
  readonly #random: Random;
  readonly #raw: Float32Array;
  readonly #unit: Float32Array;
  readonly #lengths: Float32Array;
  readonly #slope: Float32Array;
  readonly #adam: Adam;
  readonly #gradient: LinearGradient;
  readonly #users: Uint32Array;
  readonly #kept: Uint8Array;

  constructor(train: Csr, settings: LinearAutoencoderSettings, raw: Float32Array, random: Random) {
    this.#train = train;
    this.#settings = settings;
    this.#random = random;
    this.#raw = raw;
    this.#unit = new Float32Array(raw.length);
    this.#lengths = new Float32Array(train.cols);
    this.#slope = new Float32Array(raw.length);
    this.#adam = new Adam(raw.length);
    this.#gradient = new LinearGradient(settings.dimensions, settings.batchSize);
    this.#users = usersWithItems(train);
    this.#kept = new Uint8Array(train.indices.length);
  }

  /** One pass over all users in random order; the mean loss. */
  async epoch(signal: AbortSignal | undefined): Promise<number> {
    const { batchSize, dropout, learningRate } = this.#settings;
    shuffle(this.#users, this.#random);
    for (let at = 0; at < this.#kept.length; at++)
      this.#kept[at] = this.#random() < dropout ? 0 : 1;
    let loss = 0;
    for (let at = 0; at < this.#users.length; at += batchSize) {
      await nextTurn();
      signal?.throwIfAborted();
      const users = this.#users.subarray(at, at + batchSize);
      normaliseRows(this.#raw, this.#unit, this.#lengths);
      const batch = { users, kept: this.#kept };
      loss += users.length * this.#gradient.compute(this.#train, batch, this.#unit, this.#slope);
      throughNormalisation(this.#slope, this.#unit, this.#lengths);
      this.#adam.step(this.#raw, this.#slope, learningRate);
    }
    return loss / this.#users.length;
  }
}

function usersWithItems(train: Csr): Uint32Array {
  const all = Uint32Array.from({ length: train.rows }, (_, user) => user);
  return all.filter((user) => train.offsets[user + 1]! > train.offsets[user]!);
}

/** Uniform in -0.1..0.1: only the direction of a row matters, and Adam soon sets the scale. */
function initialRows(length: number, random: Random): Float32Array {
  const raw = new Float32Array(length);
  for (let at = 0; at < length; at++) raw[at] = 0.2 * random() - 0.1;
  return raw;
}

function transposeOf(rows: Float32Array, items: number, dimensions: number): Matrix {
  const matrix = upload(rows, items, dimensions);
  const result = transposed(matrix);
  matrix.dispose();
  return result;
}

function diverged(epoch: number, settings: LinearAutoencoderSettings): UsherError {
  return new UsherError(
    "TRAINING_DIVERGED",
    `linear-autoencoder: the loss of epoch ${epoch} is not a number. Lower the learning rate ` +
      `(now ${settings.learningRate}) or look for weights out of range in the dataset.`,
  );
}
