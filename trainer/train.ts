/**
 * One training cycle, from a dataset to a release directory. Read it from top to bottom.
 */

import { assess } from "./assess.ts";
import type { Card } from "./card/card.ts";
import type { Dataset } from "./dataset.ts";
import type { Evaluation } from "./evaluation/evaluate.ts";
import type { GateVerdict, PreviousRelease } from "./gate.ts";
import { saveJob } from "./lists-job.ts";
import type { ListDiversity } from "./lists-plan.ts";
import { releaseJob } from "./lists-release.ts";
import type { FitReport } from "./models/model.ts";
import { onASample } from "./models/on-a-sample.ts";
import { CHOSEN_MODEL, createModel } from "./models/registry.ts";
import type { OnProgress } from "./progress.ts";
import type { WrittenRelease } from "./release.ts";
import { jobOf, refusedCard } from "./trained-job.ts";
import { interactionWeights } from "./weights.ts";

/** What is known of an item beside its id. */
export interface ItemMetadata {
  title: string;
  categories: readonly string[];
  year?: number | null;
}

export interface TrainInput {
  dataset: Dataset;
  /** Metadata by item id; an item without any is titled by its id. */
  items: ReadonlyMap<string, ItemMetadata>;
  /** Directory that holds the release directories; made if need be. */
  releasesDirectory: string;
  /** The release that serves now, for the gate; absent for the first. */
  previous?: PreviousRelease | null | undefined;
  options?: TrainOptions;
  onProgress?: OnProgress | undefined;
  signal?: AbortSignal | undefined;
}

export interface TrainOptions {
  /** The same dataset, options and seed give the same values. Default 1. */
  seed?: number;
  /** Model to ship; it must have weights the edge can serve. Default: the radial autoencoder. */
  model?: string;
  /** Settings of the model to use in place of its own, as tuning found them. */
  settings?: Readonly<Record<string, unknown>> | undefined;
  /** Share 0..1 of the users that the model learns from; all get lists. Default 1. */
  sampleUsers?: number;
  /** Baselines that the gate compares with. Default: popularity and item-kNN. */
  baselines?: readonly string[];
  /** Writes the release even when the gate refuses it; the manifest says so. Default false. */
  force?: boolean;
  /** Users held out for validation and again for test, at most. Default 500. */
  heldOutUsers?: number;
  /** Version of the code, for the manifest. Default "unknown". */
  code?: string;
  /** When the dataset's watermark was taken; left out for files. */
  takenAt?: Date;
  /** Time of the release. Default: now. */
  now?: Date;
  /** `none` leaves the lists to `usher lists`, on one machine or several. Default `all`. */
  lists?: "all" | "none";
  /** Threads that make the lists. Default: as many as there are cores. */
  threads?: number;
  /** Days after which an interaction counts half. Default: age does not matter. */
  halfLifeDays?: number | undefined;
  /** Re-ranks every list; default: lists are in the order of scores. */
  diversity?: ListDiversity | undefined;
}

export interface TrainResult {
  /** Null when the gate refused and was not forced, and when the lists were left out. */
  release: WrittenRelease | null;
  /** Where everything but the lists was written, when they were left out. */
  unlisted?: string;
  /** Of the candidate that the gate refused, to see why; null when a release was written. */
  refused: Card | null;
  gate: GateVerdict;
  evaluation: Evaluation;
  /** Of the shipped model on the training users, with its curve; null when it was not measured. */
  fit: FitReport | null;
}

/** Cheap to fit at every cycle, and between them what a model has to beat to be worth shipping. */
const BASELINES = ["popularity", "item-knn"];

/**
 * Split, fit, evaluate, gate, fit again on everybody, lists, release directory.
 *
 * Too few users to hold any out are no error: the model ships unmeasured, with a note, unless a
 * measured one serves.
 *
 * Throws `MODEL_UNKNOWN`, `SETTINGS_UNKNOWN`, `SAMPLE_INVALID`, `MODEL_NOT_SERVABLE`, `TRAINING_DIVERGED`,
 * `SCORES_NOT_FINITE`, `RELEASE_EXISTS`, `DRAFT_IN_USE`; rejects with the signal's
 * reason when aborted. A refusal by the gate is a result, not an error.
 */
export async function train(input: TrainInput): Promise<TrainResult> {
  const { dataset, onProgress, signal } = input;
  const { seed = 1, heldOutUsers = 500, force = false, code = "unknown" } = input.options ?? {};
  const modelName = input.options?.model ?? CHOSEN_MODEL;

  const whole = createModel(modelName, input.options?.settings);
  const model = onASample(whole, input.options?.sampleUsers ?? 1);
  try {
    const { baselines = BASELINES, halfLifeDays } = input.options ?? {};
    const weighting = { halfLifeDays };
    const assessment = await assess({
      ...input,
      model,
      baselines,
      weighting,
      seed,
      heldOutUsers,
      force,
    });
    const { verdict, evaluation, fit } = assessment;
    if (!verdict.passed && !verdict.forced) {
      const refused = refusedCard(input, model, { ...assessment, code });
      return { release: null, refused, gate: verdict, evaluation, fit };
    }

    onProgress?.({ step: "refit", message: `fitting ${model.name} on all users` });
    const weights = interactionWeights(dataset, weighting);
    await model.fit(weights, {
      seed,
      signal,
      epochs: fit === null ? undefined : Math.max(1, fit.epochs),
      onProgress: ({ epoch, epochs, loss }) =>
        onProgress?.({
          step: "refit",
          message: `${model.name}: epoch ${epoch} of ${epochs}, loss ${loss.toFixed(4)}`,
          fraction: epoch / epochs,
        }),
    });
    const job = jobOf(input, model, weights, { ...assessment, code });
    const outcome = { refused: null, gate: verdict, evaluation, fit };
    if (input.options?.lists === "none") {
      onProgress?.({ step: "release", message: "writing the release without lists" });
      return { ...outcome, release: null, unlisted: await saveJob(job, input.releasesDirectory) };
    }
    const options = { threads: input.options?.threads, onProgress, signal };
    return { ...outcome, release: await releaseJob(job, input.releasesDirectory, options) };
  } finally {
    model.dispose();
  }
}
