/**
 * One model measured on held-out users: a value per user, aggregated elsewhere.
 */
import { LIST_LENGTH } from "../../release/shard.ts";
import { type Csr, columnCounts, rowIndices } from "../csr.ts";
import type { Recommender } from "../models/model.ts";
import { coverage } from "./coverage.ts";
import { gini } from "./gini.ts";
import { measureTiers, type TierMeasurement, tiersOf } from "./groups.ts";
import { reciprocalRank } from "./mrr.ts";
import { ndcg } from "./ndcg.ts";
import { novelty } from "./novelty.ts";
import { rankHeldOut } from "./ranking.ts";
import { type RatingErrors, ratingErrors } from "./rating-errors.ts";
import { recall } from "./recall.ts";
import type { HeldOut } from "./split.ts";

export interface Measurement {
  /** Row of each held-out user in the whole matrix; all arrays below are in this order. */
  users: Uint32Array;
  /** Metric to one value per user. */
  perUser: Record<string, Float64Array>;
  /** Metrics of all lists together, which no single user has. */
  overall: Record<string, number>;
  /** Items in the profile of each user. */
  profileSizes: Float64Array;
  /** By the popularity of items, most popular first. */
  tiers: TierMeasurement[];
  /** Of a model that predicts ratings. */
  errors?: RatingErrors;
}

type UserMetric = (ranked: Uint32Array, targets: ReadonlySet<number>) => number;

const DEPTH = 100;

/** Ranks and measures; `train` is what the model was fitted on (for novelty and popularity). */
export function measure(
  model: Pick<Recommender, "score" | "predictRatings">,
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
  const predicted = model.predictRatings?.(heldOut.profiles, heldOut.targets);
  return {
    users: heldOut.users,
    perUser,
    overall: { [`coverage@${LIST_LENGTH}`]: coverage(shown), [`gini@${LIST_LENGTH}`]: gini(shown) },
    profileSizes: Float64Array.from(ranked, (_, user) => rowIndices(heldOut.profiles, user).length),
    tiers: measureTiers(ranked, targets, tiersOf(counts)),
    ...(predicted === undefined ? {} : { errors: ratingErrors(heldOut.targets, predicted) }),
  };
}

/** How often each item is among somebody's first 20. */
function exposure(ranked: readonly Uint32Array[], items: number): Uint32Array {
  const shown = new Uint32Array(items);
  for (const list of ranked) for (const item of list.subarray(0, LIST_LENGTH)) shown[item]!++;
  return shown;
}
