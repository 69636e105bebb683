/**
 * One model measured on held-out users: per user first, aggregated after.
 */
import { LIST_LENGTH } from "../../release/shard.ts";
import { type Csr, columnCounts, rowIndices } from "../csr.ts";
import type { Recommender } from "../models/model.ts";
import { bootstrapMean, type Interval } from "./bootstrap.ts";
import { coverage } from "./coverage.ts";
import { gini } from "./gini.ts";
import { reciprocalRank } from "./mrr.ts";
import { ndcg } from "./ndcg.ts";
import { novelty } from "./novelty.ts";
import { rankHeldOut } from "./ranking.ts";
import { recall } from "./recall.ts";
import type { HeldOut } from "./split.ts";

/** Metric name (`ndcg@100`, `coverage@20`) to its mean and 95 % interval. */
export type Metrics = Record<string, Interval>;

export interface Measurement {
  /** Metric to one value per held-out user, in the order of the split. */
  perUser: Record<string, Float64Array>;
  /** Metrics of all lists together, which no single user has. */
  overall: Record<string, number>;
}

type UserMetric = (ranked: Uint32Array, targets: ReadonlySet<number>) => number;

const DEPTH = 100;

/** Ranks and measures; `train` is what the model was fitted on (for novelty). */
export function measure(
  model: Pick<Recommender, "score">,
  heldOut: HeldOut,
  train: Csr,
): Measurement {
  const ranked = rankHeldOut(model, heldOut, DEPTH);
  const counts = columnCounts(train);
  const metrics: Record<string, UserMetric> = {
    "ndcg@10": (items, targets) => ndcg(items, targets, 10),
    "ndcg@100": (items, targets) => ndcg(items, targets, 100),
    "recall@20": (items, targets) => recall(items, targets, 20),
    "recall@50": (items, targets) => recall(items, targets, 50),
    "mrr@100": (items, targets) => reciprocalRank(items, targets, 100),
    [`novelty@${LIST_LENGTH}`]: (items) => novelty(items, counts, train.rows, LIST_LENGTH),
  };
  const targets = ranked.map((_, user) => new Set(rowIndices(heldOut.targets, user)));
  const perUser: Measurement["perUser"] = {};
  for (const [name, metric] of Object.entries(metrics)) {
    perUser[name] = Float64Array.from(ranked, (items, user) => metric(items, targets[user]!));
  }
  const shown = exposure(ranked, train.cols);
  const overall = {
    [`coverage@${LIST_LENGTH}`]: coverage(shown),
    [`gini@${LIST_LENGTH}`]: gini(shown),
  };
  return { perUser, overall };
}

/** How often each item is among somebody's first 20. */
function exposure(ranked: readonly Uint32Array[], items: number): Uint32Array {
  const shown = new Uint32Array(items);
  for (const list of ranked) for (const item of list.subarray(0, LIST_LENGTH)) shown[item]!++;
  return shown;
}

/**
 * Means over the users of all measurements (one a seed), with bootstrap intervals. A metric of all
 * lists together has the range over the seeds as its interval.
 */
export function summarise(measurements: readonly Measurement[], seed: number): Metrics {
  const metrics: Metrics = {};
  for (const name of Object.keys(measurements[0]?.perUser ?? {})) {
    metrics[name] = bootstrapMean(joined(measurements.map((one) => one.perUser[name]!)), seed);
  }
  for (const name of Object.keys(measurements[0]?.overall ?? {})) {
    const values = measurements.map((one) => one.overall[name]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    metrics[name] = { mean, ci95: [Math.min(...values), Math.max(...values)] };
  }
  return metrics;
}

function joined(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => Array.from(part)));
}
