/**
 * One training cycle, from a dataset to a release directory. Read it from top to bottom.
 */

import { buildCatalogue, type CatalogueItem } from "../release/catalogue.ts";
import { UsherError } from "../release/error.ts";
import { KV_VALUE_BYTES } from "../release/limits.ts";
import { buildLinearModel } from "../release/model.ts";
import { LIST_LENGTH } from "../release/shard.ts";
import { columnCounts } from "./csr.ts";
import type { Dataset } from "./dataset.ts";
import {
  type Evaluation,
  evaluated,
  fitAndMeasure,
  sizes,
  type Trial,
} from "./evaluation/evaluate.ts";
import { splitStrong } from "./evaluation/split.ts";
import { type Contender, type GateVerdict, gate, type PreviousRelease } from "./gate.ts";
import { writeLists } from "./lists.ts";
import type { FitReport, Recommender } from "./models/model.ts";
import { CHOSEN_MODEL, createModel } from "./models/registry.ts";
import { writeProfiles } from "./profiles.ts";
import type { OnProgress } from "./progress.ts";
import { ReleaseDraft, type WrittenRelease } from "./release.ts";
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
  /** Model to ship; it must have weights the edge can serve. Default: the linear autoencoder. */
  model?: string;
  /** Baselines that the gate compares with. Default: popularity. */
  baselines?: readonly string[];
  /** Writes the release even when the gate refuses it; the manifest says so. Default false. */
  force?: boolean;
  /** Users held out for validation and again for test, at most. Default 500. */
  heldOutUsers?: number;
  /** Version of the code, for the manifest. Default "unknown". */
  code?: string;
  /** Time of the release. Default: now. */
  now?: Date;
}

export interface TrainResult {
  /** Null when the gate refused and was not forced. */
  release: WrittenRelease | null;
  gate: GateVerdict;
  evaluation: Evaluation;
  /** Of the shipped model on the training users, with its curve. */
  fit: FitReport;
}

/**
 * Split, fit, evaluate, gate, fit again on everybody, lists, release directory.
 *
 * Throws `DATASET_TOO_SMALL`, `MODEL_UNKNOWN`, `MODEL_NOT_SERVABLE`, `TRAINING_DIVERGED`,
 * `SCORES_NOT_FINITE`, `RELEASE_EXISTS`; rejects with the signal's reason when aborted. A refusal by
 * the gate is a result, not an error.
 */
export async function train(input: TrainInput): Promise<TrainResult> {
  const { dataset, previous, onProgress, signal } = input;
  const { seed = 1, heldOutUsers = 500, force = false, code = "unknown" } = input.options ?? {};
  const baselineNames = input.options?.baselines ?? ["popularity"];
  const modelName = input.options?.model ?? CHOSEN_MODEL;

  onProgress?.({ step: "split", message: `holding out users, seed ${seed}` });
  const weights = interactionWeights(dataset.matrix);
  const split = splitStrong(weights, { seed, heldOutUsers });

  const context = { seed, onProgress, signal };
  const baselines: Contender[] = [];
  const models: Evaluation["models"] = [];
  for (const name of baselineNames) {
    const baseline = createModel(name);
    const trial = await fitAndMeasure(baseline, split, context);
    const row = evaluated(baseline, [trial], seed);
    baseline.dispose();
    models.push(row);
    baselines.push(contender(row, trial));
  }
  const model = createModel(modelName);
  try {
    const trial = await fitAndMeasure(model, split, context);
    const row = { ...evaluated(model, [trial], seed), chosen: true as const };
    models.push(row);
    const evaluation: Evaluation = {
      dataset: sizes(dataset.matrix),
      protocol: { split: "strong", seeds: [seed], heldOutUsers: split.test.users.length },
      models,
    };

    onProgress?.({ step: "gate", message: "comparing with the baselines and the current release" });
    const reachable = (split.test.users.length * LIST_LENGTH) / dataset.itemIds.length;
    const verdict = gate({
      candidate: contender(row, trial),
      baselines,
      previous,
      reachableCoverage: Math.min(1, reachable),
      force,
      seed,
    });
    if (!verdict.passed && !verdict.forced) {
      return { release: null, gate: verdict, evaluation, fit: trial.report };
    }

    onProgress?.({ step: "refit", message: `fitting ${model.name} on all users` });
    await model.fit(weights, {
      seed,
      signal,
      epochs: Math.max(1, trial.report.epochs),
      onProgress: ({ epoch, epochs, loss }) =>
        onProgress?.({
          step: "refit",
          message: `${model.name}: epoch ${epoch} of ${epochs}, loss ${loss.toFixed(4)}`,
          fraction: epoch / epochs,
        }),
    });

    const release = await writeRelease(input, model, weights, {
      metrics: row.metrics,
      baseline: bestOf(baselines),
      gate: verdict,
      code,
    });
    return { release, gate: verdict, evaluation, fit: trial.report };
  } finally {
    model.dispose();
  }
}

/** What the manifest says beyond the values. */
interface Findings {
  metrics: Contender["metrics"];
  baseline: { name: string; metrics: Contender["metrics"] };
  gate: GateVerdict;
  code: string;
}

/** Catalogue, model and lists into a new release directory; nothing stays behind on failure. */
async function writeRelease(
  input: TrainInput,
  model: Recommender,
  weights: Dataset["matrix"],
  findings: Findings,
): Promise<WrittenRelease> {
  const { dataset, releasesDirectory, onProgress, signal } = input;
  const served = model.served();
  if (served === undefined) {
    throw new UsherError(
      "MODEL_NOT_SERVABLE",
      `${model.name} has no weights that the edge can serve; ship ${CHOSEN_MODEL}.`,
    );
  }
  const draft = await ReleaseDraft.open(releasesDirectory);
  try {
    await draft.put("catalogue", buildCatalogue(catalogueItems(dataset, input.items)));
    const quantised = buildLinearModel(served.rows, dataset.itemIds.length, served.dimensions);
    for (let part = 0; part * KV_VALUE_BYTES < quantised.byteLength; part++) {
      const start = part * KV_VALUE_BYTES;
      await draft.put(`model/${part}`, quantised.slice(start, start + KV_VALUE_BYTES));
    }
    const { seconds: _, ...lists } = await writeLists({
      model,
      profiles: weights,
      userIds: dataset.userIds,
      write: (shard, value) => draft.put(`l/${shard}`, value),
      onProgress,
      signal,
    });
    onProgress?.({ step: "release", message: "writing the profiles and the manifest" });
    const profiles = await writeProfiles({
      profiles: weights,
      userIds: dataset.userIds,
      hashSeed: lists.hashSeed,
      write: (shard, value) => draft.put(`p/${shard}`, value),
    });
    const facts = {
      code: findings.code,
      dataset: { hash: dataset.hash, watermark: dataset.watermark, ...sizes(dataset.matrix) },
      model: {
        name: model.name,
        kind: served.kind,
        dimensions: served.dimensions,
        settings: { ...model.settings(), weighting: "binary" },
      },
      metrics: findings.metrics,
      baseline: findings.baseline,
      gate: findings.gate,
      lists,
      profiles,
    };
    return await draft.finish(facts, input.options?.now ?? new Date());
  } catch (error) {
    await draft.abandon();
    throw error;
  }
}

function catalogueItems(
  dataset: Dataset,
  metadata: ReadonlyMap<string, ItemMetadata>,
): CatalogueItem[] {
  const popularity = columnCounts(dataset.matrix);
  return dataset.itemIds.map((itemId, column) => {
    const known = metadata.get(itemId);
    return {
      itemId,
      title: known?.title ?? itemId,
      categories: [...(known?.categories ?? [])],
      popularity: popularity[column]!,
      ...(known?.year == null ? {} : { year: known.year }),
    };
  });
}

function contender(row: Evaluation["models"][number], trial: Trial): Contender {
  return { name: row.name, metrics: row.metrics, perUser: trial.measurement.perUser };
}

function bestOf(baselines: readonly Contender[]): Findings["baseline"] {
  const quality = ({ metrics }: Contender) => metrics["ndcg@100"]?.mean ?? 0;
  const best = [...baselines].sort((a, b) => quality(b) - quality(a))[0];
  return { name: best?.name ?? "none", metrics: best?.metrics ?? {} };
}
