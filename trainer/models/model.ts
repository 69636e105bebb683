/**
 * What every recommender of the trainer is: fitted once on users x items, then asked about profiles.
 *
 * A profile is a set of items with weights, never a stored user: known and new users are scored the
 * same way (fold-in), so the number of users does not grow a model.
 */
import type { ModelWeights } from "../../release/model.ts";
import type { Csr } from "../csr.ts";
import type { HeldOut } from "../evaluation/split.ts";

interface FitProgress {
  /** Epoch just finished, from 1. */
  epoch: number;
  /** Epochs at most. */
  epochs: number;
  loss: number;
  /** NDCG@100 of the validation users, null without validation. */
  ndcg100: number | null;
}

export interface FitContext {
  /** The same seed and data give the same model. */
  seed: number;
  /** Held-out users for early stopping; without them a model trains all its epochs. */
  validation?: HeldOut | undefined;
  /** Train this many epochs instead of the model's own number (closed forms ignore it). */
  epochs?: number | undefined;
  /** Where `train` is a sample: the whole, whose size chooses the settings that were not given. */
  sizedBy?: Csr | undefined;
  onProgress?: ((progress: FitProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

export interface FitReport {
  seconds: number;
  /** Epochs behind the weights that were kept; 0 for a closed form. */
  epochs: number;
  curve: { epoch: number; loss: number; ndcg100: number | null }[];
  /** Spent on choosing settings by the validation users, beside `seconds`; absent without a choice. */
  searchSeconds?: number;
}

/**
 * What a release ships so that the edge can fold in a profile and find similar items: one product a
 * score, of an encoded profile (`encode.ts`) and the item's row. Rows are already ones that 8 bits
 * can hold, so that trainer and edge give the same lists.
 */
export type ServedModel = ModelWeights;

export interface Recommender {
  /** Stable name, as in reports: `ease`, `linear-autoencoder`. */
  readonly name: string;
  readonly kind: "neural" | "baseline";
  /**
   * What the values of its matrices are: training `weights`, or `ratings` (0.5..5, NaN where the
   * interest was implicit). Default `weights`.
   */
  readonly learnsFrom?: "weights" | "ratings";

  /**
   * Learns from `train` (users x items, values are training weights).
   *
   * A model that chooses settings by the validation users keeps that choice when it is fitted again
   * without any.
   *
   * Throws `TRAINING_DIVERGED` when the loss stops being a number; rejects with the signal's reason
   * when aborted.
   */
  fit(train: Csr, context: FitContext): Promise<FitReport>;

  /**
   * Scores every item for each profile (rows x items, values are weights) into
   * `out` (rows x items, row-major). Higher is better; items of the profile are not masked.
   */
  score(profiles: Csr, out: Float32Array): void;

  /**
   * The rating, 0.5..5, that each profile would give each stored column of `wanted` (as many rows as
   * `profiles`; its values are not looked at), in storage order. Absent where a model only ranks.
   */
  predictRatings?(profiles: Csr, wanted: Csr): Float32Array;

  /** The settings the fit used, for the manifest. */
  settings(): Record<string, unknown>;

  /** The weights the edge serves; undefined for models that are only measured. */
  served(): ServedModel | undefined;

  /** Frees what the garbage collector cannot (tensors). The model is of no use afterwards. */
  dispose(): void;
}
