/**
 * What a card tells of the data: how many, when, which ratings, who rates how much, and how few items
 * most of it falls on.
 */
import { columnCounts } from "../csr.ts";
import type { Dataset } from "../dataset.ts";
import { sketchOf } from "../sketch.ts";

export interface DatasetSummary {
  hash: string;
  watermark: number | null;
  users: number;
  items: number;
  interactions: number;
  /** First and last interaction as ISO dates; null when no times are known. */
  from: string | null;
  to: string | null;
  /** Interactions that carry a rating, by rating. */
  ratings: { rating: number; count: number }[];
  /** Users by how much they did: `from` to `to` interactions. */
  activity: { from: number; to: number; users: number }[];
  /** The share of all interactions that the most popular share of items has. */
  concentration: { items: number; interactions: number }[];
}

/** Points of the concentration curve. */
const POINTS = 20;

/** Counts; one pass over the interactions, one sort of the items. */
export function summariseDataset(dataset: Dataset): DatasetSummary {
  const { matrix, times, hash, watermark } = dataset;
  const [from, to] = firstAndLast(times);
  return {
    hash,
    watermark,
    users: matrix.rows,
    items: matrix.cols,
    interactions: matrix.indices.length,
    from: from === 0 ? null : dayOf(from),
    to: from === 0 ? null : dayOf(to),
    ratings: ratingCounts(sketchOf(dataset).values),
    activity: activityOf(dataset),
    concentration: concentrationOf(columnCounts(matrix)),
  };
}

/** Leaves out the half stars where nobody gave any, and everything where nobody rated. */
function ratingCounts(values: readonly number[]): DatasetSummary["ratings"] {
  const rated = values.slice(1).map((count, at) => ({ rating: (at + 1) / 2, count }));
  const halves = rated.some(({ rating, count }) => rating % 1 !== 0 && count > 0);
  const any = rated.some(({ count }) => count > 0);
  return any ? rated.filter(({ rating }) => halves || rating % 1 === 0) : [];
}

/** Bins of doubling size: 1, 2-3, 4-7, 8-15, … up to the most active user. */
function activityOf({ matrix }: Dataset): DatasetSummary["activity"] {
  const bins: DatasetSummary["activity"] = [];
  for (let user = 0; user < matrix.rows; user++) {
    const size = matrix.offsets[user + 1]! - matrix.offsets[user]!;
    const bin = Math.floor(Math.log2(Math.max(1, size)));
    while (bins.length <= bin) {
      bins.push({ from: 2 ** bins.length, to: 2 ** (bins.length + 1) - 1, users: 0 });
    }
    bins[bin]!.users++;
  }
  const first = bins.findIndex(({ users }) => users > 0);
  return bins.slice(Math.max(0, first));
}

function concentrationOf(counts: Uint32Array): DatasetSummary["concentration"] {
  const sorted = counts.slice().sort().reverse();
  const total = sorted.reduce((sum, count) => sum + count, 0);
  const curve = [{ items: 0, interactions: 0 }];
  let sum = 0;
  let at = 0;
  for (let point = 1; point <= POINTS; point++) {
    const end = Math.round((point / POINTS) * sorted.length);
    for (; at < end; at++) sum += sorted[at]!;
    curve.push({ items: point / POINTS, interactions: total === 0 ? 0 : sum / total });
  }
  return curve;
}

/** 0 for both when no time is known. */
function firstAndLast(times: Uint32Array): [number, number] {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (const time of times) {
    if (time === 0) continue;
    first = Math.min(first, time);
    last = Math.max(last, time);
  }
  return last === 0 ? [0, 0] : [first, last];
}

function dayOf(seconds: number): string {
  return new Date(1000 * seconds).toISOString().slice(0, 10);
}
