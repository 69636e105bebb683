/**
 * `usher evaluate`: several models on the same held-out users, several seeds averaged.
 */
import { UsherError } from "../../release/error.ts";
import type { Csr } from "../csr.ts";
import type { Dataset } from "../dataset.ts";
import type { FitReport, Recommender } from "../models/model.ts";
import { CHOSEN_MODEL, createModel, MODEL_NAMES } from "../models/registry.ts";
import type { OnProgress } from "../progress.ts";
import type { Weighting } from "../weights.ts";
import { SplitForms, type SplitKind } from "./forms.ts";
import { type Measurement, measure } from "./measure.ts";
import type { Split } from "./split.ts";
import { compare, type Groups, type Metrics, summarise, summariseGroups } from "./summary.ts";

export interface EvaluatedModel {
  name: string;
  kind: Recommender["kind"];
  /** Mean over the seeds; of the fit with the settings that were kept. */
  fitSeconds: number;
  /** Mean over the seeds; spent on choosing settings by the validation users. */
  searchSeconds: number;
  /** Under the last seed. */
  settings: Record<string, unknown>;
  metrics: Metrics;
  /** This model minus the chosen one, paired by user; absent on the chosen one and without it. */
  vsChosen?: Metrics;
  groups: Groups;
  /** True on the one that a release would ship. */
  chosen?: true;
}

/** What `usher evaluate --json` prints. */
export interface Evaluation {
  dataset: { users: number; items: number; interactions: number };
  /** `heldOutUsers`: test users under one seed. */
  protocol: { split: SplitKind; seeds: number[]; heldOutUsers: number };
  models: EvaluatedModel[];
}

export interface EvaluateOptions {
  /** `strong`: users unknown to the model; `temporal`: the future of known ones. Default strong. */
  split?: SplitKind;
  /** How values and ages become weights. */
  weighting?: Weighting | undefined;
  /** One split and one fit of every model for each. Default [1]. */
  seeds?: readonly number[];
  /** Names of the models to measure. Default: all that fit the data. */
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
  settings: Record<string, unknown>;
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
  const measurement = measure(model, split.test, split.train);
  return { report, measurement, settings: model.settings() };
}

/**
 * Measures models by strong generalisation or by time.
 *
 * Throws `DATASET_TOO_SMALL`, `TIMES_MISSING`, `MODEL_UNKNOWN`, `SEEDS_MISSING` and what the models'
 * fits throw.
 */
export async function evaluate(
  dataset: Dataset,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { split = "strong", seeds = [1], heldOutUsers = 500, onProgress, signal } = options;
  const { weighting } = options;
  if (seeds.length === 0) {
    throw new UsherError("SEEDS_MISSING", "Give at least one seed to evaluate with.");
  }
  const names = options.models ?? defaultModels(dataset);
  const trials = new Map<string, Trial[]>(names.map((name) => [name, []]));
  let heldOut = 0;
  for (const seed of seeds) {
    onProgress?.({ step: "split", message: `holding out users, seed ${seed}` });
    const forms = new SplitForms(dataset, { split, weighting, seed, heldOutUsers });
    heldOut = forms.weights.test.users.length;
    for (const name of trials.keys()) {
      const model = createModel(name);
      try {
        const context = { seed, onProgress, signal };
        trials.get(name)!.push(await fitAndMeasure(model, forms.of(model), context));
      } finally {
        model.dispose();
      }
    }
  }
  onProgress?.({ step: "summary", message: "drawing intervals" });
  const chosen = trials.get(CHOSEN_MODEL);
  return {
    dataset: sizes(dataset.matrix),
    protocol: { split, seeds: [...seeds], heldOutUsers: heldOut },
    models: [...trials].map(([name, own]) =>
      evaluated(createModel(name), own, { seed: seeds[0]!, chosen }),
    ),
  };
}

/** The report's row for one model, from its trials (one a seed) and those of the chosen model. */
export function evaluated(
  model: Pick<Recommender, "name" | "kind">,
  trials: readonly Trial[],
  { seed, chosen }: { seed: number; chosen?: readonly Trial[] | undefined },
): EvaluatedModel {
  const meanSeconds = (seconds: (report: FitReport) => number) =>
    trials.reduce((sum, { report }) => sum + seconds(report), 0) / trials.length;
  const measurements = measurementsOf(trials);
  const isChosen = trials === chosen;
  return {
    name: model.name,
    kind: model.kind,
    fitSeconds: meanSeconds(({ seconds }) => seconds),
    searchSeconds: meanSeconds(({ searchSeconds }) => searchSeconds ?? 0),
    settings: trials.at(-1)?.settings ?? {},
    metrics: summarise(measurements, seed),
    ...(chosen === undefined || isChosen
      ? {}
      : { vsChosen: compare(measurements, measurementsOf(chosen), seed) }),
    groups: summariseGroups(measurements, seed),
    ...(isChosen ? { chosen: true as const } : {}),
  };
}

/** The sizes that every report states. */
export function sizes(matrix: Csr): Evaluation["dataset"] {
  return { users: matrix.rows, items: matrix.cols, interactions: matrix.indices.length };
}

/** All models that the catalogue's size and the presence of ratings allow. */
function defaultModels({ itemIds, rated }: Dataset): string[] {
  const anyRated = rated.includes(1);
  return MODEL_NAMES.filter((name) => {
    if (name === "ease") return itemIds.length <= EASE_ITEMS;
    return anyRated || createModel(name).learnsFrom !== "ratings";
  });
}

function measurementsOf(trials: readonly Trial[]): Measurement[] {
  return trials.map(({ measurement }) => measurement);
}
