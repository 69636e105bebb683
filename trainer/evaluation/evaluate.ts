/**
 * `usher evaluate`: several models on the same held-out users, several seeds averaged.
 */
import { UsherError } from "../../release/error.ts";
import type { Csr } from "../csr.ts";
import type { Dataset } from "../dataset.ts";
import type { FitReport, Recommender } from "../models/model.ts";
import { CHOSEN_MODEL, createModel, MODEL_NAMES } from "../models/registry.ts";
import type { OnProgress } from "../progress.ts";
import { interactionWeights } from "../weights.ts";
import { type Measurement, type Metrics, measure, summarise } from "./measure.ts";
import { type Split, splitStrong } from "./split.ts";

export interface EvaluatedModel {
  name: string;
  kind: Recommender["kind"];
  /** Mean over the seeds. */
  fitSeconds: number;
  metrics: Metrics;
  /** True on the one that a release would ship. */
  chosen?: true;
}

/** What `usher evaluate --json` prints. */
export interface Evaluation {
  dataset: { users: number; items: number; interactions: number };
  protocol: { split: "strong"; seeds: number[]; heldOutUsers: number };
  models: EvaluatedModel[];
}

export interface EvaluateOptions {
  /** One split and one fit of every model for each. Default [1]. */
  seeds?: readonly number[];
  /** Names of the models to measure. Default: all that fit the catalogue. */
  models?: readonly string[];
  /** Users held out for validation and again for test, at most. Default 500. */
  heldOutUsers?: number;
  onProgress?: OnProgress | undefined;
  signal?: AbortSignal | undefined;
}

/** EASE holds items x items; beyond this it is left out unless asked for by name. */
const EASE_ITEMS = 12_000;

/** One model fitted on a split and measured on its test users. */
export interface Trial {
  report: FitReport;
  measurement: Measurement;
}

/** Fits `model` with early stopping on the validation users, measures it on the test users. */
export async function fitAndMeasure(
  model: Recommender,
  split: Split,
  context: { seed: number; onProgress?: OnProgress | undefined; signal?: AbortSignal | undefined },
): Promise<Trial> {
  const { seed, onProgress, signal } = context;
  onProgress?.({ step: "fit", message: `fitting ${model.name}` });
  const report = await model.fit(split.train, {
    seed,
    validation: split.validation,
    signal,
    onProgress: ({ epoch, epochs, loss, ndcg100 }) => {
      const quality = ndcg100 === null ? "" : `, NDCG@100 ${ndcg100.toFixed(4)}`;
      onProgress?.({
        step: "fit",
        message: `${model.name}: epoch ${epoch} of at most ${epochs}, loss ${loss.toFixed(4)}${quality}`,
        fraction: epoch / epochs,
      });
    },
  });
  onProgress?.({ step: "evaluate", message: `measuring ${model.name}` });
  return { report, measurement: measure(model, split.test, split.train) };
}

/**
 * Measures models by strong generalisation.
 *
 * Throws `DATASET_TOO_SMALL`, `MODEL_UNKNOWN`, `SEEDS_MISSING` and what the models' fits throw.
 */
export async function evaluate(
  dataset: Dataset,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { seeds = [1], heldOutUsers = 500, onProgress, signal } = options;
  if (seeds.length === 0) {
    throw new UsherError("SEEDS_MISSING", "Give at least one seed to evaluate with.");
  }
  const names = options.models ?? defaultModels(dataset.itemIds.length);
  const weights = interactionWeights(dataset.matrix);
  const trials = new Map<string, Trial[]>(names.map((name) => [name, []]));
  let heldOut = 0;
  for (const seed of seeds) {
    onProgress?.({ step: "split", message: `holding out users, seed ${seed}` });
    const split = splitStrong(weights, { seed, heldOutUsers });
    heldOut = split.test.users.length;
    for (const name of names) {
      const model = createModel(name);
      try {
        trials.get(name)!.push(await fitAndMeasure(model, split, { seed, onProgress, signal }));
      } finally {
        model.dispose();
      }
    }
  }
  return {
    dataset: sizes(dataset.matrix),
    protocol: { split: "strong", seeds: [...seeds], heldOutUsers: heldOut },
    models: names.map((name) => evaluated(createModel(name), trials.get(name)!, seeds[0]!)),
  };
}

/** The report's row for one model, from its trials (one a seed). */
export function evaluated(
  model: Pick<Recommender, "name" | "kind">,
  trials: readonly Trial[],
  seed: number,
): EvaluatedModel {
  const seconds = trials.reduce((sum, trial) => sum + trial.report.seconds, 0) / trials.length;
  const measurements = trials.map((trial) => trial.measurement);
  return {
    name: model.name,
    kind: model.kind,
    fitSeconds: seconds,
    metrics: summarise(measurements, seed),
    ...(model.name === CHOSEN_MODEL ? { chosen: true as const } : {}),
  };
}

/** The sizes that every report states. */
export function sizes(matrix: Csr): Evaluation["dataset"] {
  return { users: matrix.rows, items: matrix.cols, interactions: matrix.indices.length };
}

function defaultModels(items: number): string[] {
  return MODEL_NAMES.filter((name) => name !== "ease" || items <= EASE_ITEMS);
}
