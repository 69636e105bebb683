/**
 * Whether a model is good enough to ship: fitted beside baselines, measured, put before the gate.
 */
import { UsherError } from "../release/error.ts";
import { LIST_LENGTH } from "../release/shard.ts";
import type { Dataset } from "./dataset.ts";
import {
  type Evaluation,
  evaluated,
  fitAndMeasure,
  sizes,
  type Trial,
} from "./evaluation/evaluate.ts";
import { SplitForms } from "./evaluation/forms.ts";
import { type Contender, type GateVerdict, gate, type PreviousRelease } from "./gate.ts";
import type { FitReport, Recommender } from "./models/model.ts";
import { createModel } from "./models/registry.ts";
import type { OnProgress } from "./progress.ts";
import { sketchOf } from "./sketch.ts";
import type { Weighting } from "./weights.ts";

export interface AssessInput {
  dataset: Dataset;
  /** Unfitted; comes back fitted on the training users. */
  model: Recommender;
  /** Names of the models to compare with. */
  baselines: readonly string[];
  previous?: PreviousRelease | null | undefined;
  /** How values and ages become weights. */
  weighting?: Weighting | undefined;
  seed: number;
  heldOutUsers: number;
  force: boolean;
  onProgress?: OnProgress | undefined;
  signal?: AbortSignal | undefined;
}

export interface Assessment {
  verdict: GateVerdict;
  /** Without models when there were too few users to measure any. */
  evaluation: Evaluation;
  /** The candidate's metrics on the test users; empty when it could not be measured. */
  metrics: Contender["metrics"];
  /** The best of the baselines. */
  baseline: { name: string; metrics: Contender["metrics"] };
  /** The candidate's fit on the training users; null when it could not be measured. */
  fit: FitReport | null;
}

/**
 * Measures and judges. With too few users to hold any out nothing can be measured: the model goes to
 * the gate without figures rather than a young service without a first release.
 */
export async function assess(input: AssessInput): Promise<Assessment> {
  const { dataset, model, seed, onProgress } = input;
  onProgress?.({ step: "split", message: `holding out users, seed ${seed}` });
  const forms = formsOf(input);
  if (forms === null) return unmeasured(input);
  const trials = new Map<string, Trial[]>();
  for (const name of input.baselines) {
    const baseline = createModel(name);
    try {
      trials.set(name, [await fitAndMeasure(baseline, forms.of(baseline), input)]);
    } finally {
      baseline.dispose();
    }
  }
  const own = await fitAndMeasure(model, forms.of(model), input);
  const chosen = [own];
  const rows = [...trials].map(([name, of]) => evaluated(createModel(name), of, { seed, chosen }));
  const row = evaluated(model, chosen, { seed, chosen });
  const baselines = rows.map((baseline, at) => contender(baseline, [...trials.values()][at]![0]!));

  onProgress?.({ step: "gate", message: "comparing with the baselines and the current release" });
  const reachable = (forms.weights.test.users.length * LIST_LENGTH) / dataset.itemIds.length;
  const verdict = judge(input, contender(row, own), baselines, Math.min(1, reachable));
  return {
    verdict,
    evaluation: evaluationOf(input, [...rows, row], forms.weights.test.users.length),
    metrics: row.metrics,
    baseline: bestOf(baselines),
    fit: own.report,
  };
}

/** Null when there are too few users for a split. */
function formsOf({ dataset, weighting, seed, heldOutUsers }: AssessInput): SplitForms | null {
  try {
    return new SplitForms(dataset, { weighting, seed, heldOutUsers });
  } catch (error) {
    if (error instanceof UsherError && error.code === "DATASET_TOO_SMALL") return null;
    throw error;
  }
}

function unmeasured(input: AssessInput): Assessment {
  return {
    verdict: judge(input, { name: input.model.name, metrics: {}, perUser: {} }, [], 1),
    evaluation: evaluationOf(input, [], 0),
    metrics: {},
    baseline: bestOf([]),
    fit: null,
  };
}

function judge(
  { dataset, previous, force, seed }: AssessInput,
  candidate: Contender,
  baselines: readonly Contender[],
  reachableCoverage: number,
): GateVerdict {
  const facts = { interactions: dataset.matrix.indices.length, sketch: sketchOf(dataset) };
  return gate({ candidate, baselines, previous, dataset: facts, reachableCoverage, force, seed });
}

function evaluationOf(
  { dataset, seed }: AssessInput,
  models: Evaluation["models"],
  heldOutUsers: number,
): Evaluation {
  const protocol = { split: "strong" as const, seeds: [seed], heldOutUsers };
  return { dataset: sizes(dataset.matrix), protocol, models };
}

function contender(row: Evaluation["models"][number], trial: Trial): Contender {
  return { name: row.name, metrics: row.metrics, perUser: trial.measurement.perUser };
}

function bestOf(baselines: readonly Contender[]): Assessment["baseline"] {
  const quality = ({ metrics }: Contender) => metrics["ndcg@100"]?.mean ?? 0;
  const best = [...baselines].sort((a, b) => quality(b) - quality(a))[0];
  return { name: best?.name ?? "none", metrics: best?.metrics ?? {} };
}
