/**
 * Tuning: the best settings of a model within a time, by successive halving (Jamieson & Talwalkar
 * 2016). A round gives many settings a few epochs, the better third three times as many, and the best
 * of those a whole training; rounds follow until the time is up.
 *
 * Only the validation users are looked at. The test users stay unseen, and the figures of `evaluate`
 * honest, under the seed that was tuned with.
 */
import { UsherError } from "../release/error.ts";
import type { Dataset } from "./dataset.ts";
import { SplitForms } from "./evaluation/forms.ts";
import { validationNdcg } from "./evaluation/validation.ts";
import { CHOSEN_MODEL, createModel } from "./models/registry.ts";
import { SPACES } from "./models/spaces.ts";
import type { OnProgress } from "./progress.ts";
import { seededRandom } from "./random.ts";
import { drawSettings, keyOf, type Settings } from "./tuning/draw.ts";
import { readTrials, type TuningTrial, writeJson } from "./tuning/state.ts";

export interface TuneInput {
  dataset: Dataset;
  /** Default: the model that a release ships. */
  model?: string;
  /** Aborts when the time is up; what was tried until then counts. */
  deadline: AbortSignal;
  /** File that keeps the trials; an earlier run's are not made again. */
  statePath: string;
  /** Default 1, as in training. */
  seed?: number;
  heldOutUsers?: number;
  onProgress?: OnProgress | undefined;
  signal?: AbortSignal | undefined;
}

export interface TuneResult {
  model: string;
  /** The best of the whole trainings; the model's own settings ({}) when none beat them. */
  settings: Settings;
  /** NDCG@100 of the validation users with those. */
  ndcg100: number;
  /** The same with the model's own settings. */
  ownNdcg100: number | null;
  trials: TuningTrial[];
}

/** Settings a round begins with. */
const CANDIDATES = 9;
/** A rung keeps one in this many. */
const KEEP = 3;
/** Epochs of each rung; null is a whole training with early stopping. */
const RUNGS = [3, 9, null] as const;

/**
 * Tunes until `deadline`, or until the space is used up.
 *
 * Throws `MODEL_NOT_TUNABLE`, `DATASET_TOO_SMALL`, `TUNING_STATE`, and `TUNING_TOO_SHORT` when the time
 * did not suffice for one whole training; rejects with the reason of `signal` when aborted.
 */
export async function tune(input: TuneInput): Promise<TuneResult> {
  const { dataset, model = CHOSEN_MODEL, seed = 1, heldOutUsers = 500, statePath } = input;
  const space = SPACES[model];
  if (space === undefined) throw notTunable(model);
  const forms = new SplitForms(dataset, { seed, heldOutUsers });
  const tuning = { model, dataset: dataset.hash, seed, heldOutUsers };
  const trials = await readTrials(statePath, tuning);
  const resumed = trials.length;
  const random = seededRandom(seed);

  /** Undefined when the time is up. */
  const attempt = async (settings: Settings, epochs: number | null) => {
    const key = keyOf(settings);
    // A whole training says more than any number of epochs, and is all there is of a closed form.
    const known = trials.find(
      (one) => keyOf(one.settings) === key && (one.epochs === epochs || one.epochs === null),
    );
    if (known !== undefined) return known;
    const trial = await runTrial(input, forms, model, settings, epochs);
    if (trial === undefined) return undefined;
    trials.push(trial);
    await writeJson(statePath, { format: 1, ...tuning, trials });
    tell(input, trials, trial);
    return trial;
  };

  if (resumed > 0) input.onProgress?.({ step: "tune", message: `${resumed} trials made before` });
  const own = await attempt({}, null);
  const tried = new Set<string>();
  for (let open = own !== undefined; open; ) {
    const best = bestOf(trials.filter(({ settings }) => tried.has(keyOf(settings))));
    const drawn = drawSettings(space, CANDIDATES, random, best?.settings, tried);
    for (const settings of drawn) tried.add(keyOf(settings));
    open = drawn.length > 0 && (await halve(drawn, attempt));
  }
  const best = bestOf(trials);
  if (best === undefined) throw tooShort(model);
  const { settings, ndcg100 } = best;
  return { model, settings, ndcg100: ndcg100!, ownNdcg100: own?.ndcg100 ?? null, trials };
}

type Attempt = (settings: Settings, epochs: number | null) => Promise<TuningTrial | undefined>;

/** One round; false when the time is up. */
async function halve(drawn: readonly Settings[], attempt: Attempt): Promise<boolean> {
  let standing = drawn;
  for (const epochs of RUNGS) {
    const results: TuningTrial[] = [];
    for (const settings of standing) {
      const trial = await attempt(settings, epochs);
      if (trial === undefined) return false;
      results.push(trial);
    }
    results.sort((a, b) => figureOf(b) - figureOf(a));
    standing = results.slice(0, Math.ceil(results.length / KEEP)).map(({ settings }) => settings);
  }
  return true;
}

/** Fits once and looks at the validation users; undefined when the time is up before the end. */
async function runTrial(
  { seed = 1, deadline, signal }: TuneInput,
  forms: SplitForms,
  name: string,
  settings: Settings,
  epochs: number | null,
): Promise<TuningTrial | undefined> {
  if (deadline.aborted) return undefined;
  const model = createModel(name, settings);
  const { train, validation } = forms.of(model);
  const started = performance.now();
  const trial = (ndcg100: number | null, of = epochs): TuningTrial => ({
    settings,
    epochs: of,
    ndcg100,
    seconds: (performance.now() - started) / 1000,
  });
  try {
    const report = await model.fit(train, {
      seed,
      validation,
      epochs: epochs ?? undefined,
      signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
    });
    const ndcg100 = validationNdcg(model, validation);
    return trial(Number.isFinite(ndcg100) ? ndcg100 : null, report.epochs === 0 ? null : epochs);
  } catch (error) {
    if (error instanceof UsherError && error.code === "TRAINING_DIVERGED") return trial(null);
    signal?.throwIfAborted();
    if (deadline.aborted) return undefined;
    throw error;
  } finally {
    model.dispose();
  }
}

/** The best of the whole trainings; the earlier one where they are equal. */
function bestOf(trials: readonly TuningTrial[]): TuningTrial | undefined {
  const whole = trials.filter(({ epochs, ndcg100 }) => epochs === null && ndcg100 !== null);
  return whole.sort((a, b) => figureOf(b) - figureOf(a))[0];
}

function figureOf({ ndcg100 }: TuningTrial): number {
  return ndcg100 ?? Number.NEGATIVE_INFINITY;
}

function tell({ onProgress }: TuneInput, trials: readonly TuningTrial[], trial: TuningTrial): void {
  const best = bestOf(trials);
  const figure = trial.ndcg100 === null ? "diverged" : `NDCG@100 ${trial.ndcg100.toFixed(4)}`;
  const length = trial.epochs === null ? "whole training" : `${trial.epochs} epochs`;
  onProgress?.({
    step: "tune",
    message: `trial ${trials.length}, ${length}: ${figure}; best so far ${best?.ndcg100?.toFixed(4) ?? "none"}`,
  });
}

function notTunable(model: string): UsherError {
  const names = Object.keys(SPACES).join(", ");
  return new UsherError(
    "MODEL_NOT_TUNABLE",
    `${model} has no settings to tune: it chooses them itself when it is fitted. There are ${names}.`,
  );
}

function tooShort(model: string): UsherError {
  return new UsherError(
    "TUNING_TOO_SHORT",
    `Not one whole training of ${model} ended within the time. Give it more minutes; the trials made ` +
      "so far are kept.",
  );
}
