/** How far two datasets lie apart. */
import type { DatasetFacts } from "../../drizzle/dataset-facts.ts";
import { stabilityIndex } from "../stability-index.ts";

/** Measures between an earlier and a later dataset. */
export interface Drift {
  /** Population stability index of the rating distribution; over 0.25 it is another population. */
  readonly ratingPsi: number;
  /** The same of the types of events. */
  readonly typePsi: number;
  /** Jensen-Shannon divergence (0..1, base 2) of what is popular. */
  readonly popularityDivergence: number;
  /** Later over earlier. */
  readonly eventsRatio: number;
  readonly usersRatio: number;
  readonly itemsRatio: number;
}

export function driftBetween(earlier: DatasetFacts, later: DatasetFacts): Drift {
  return {
    ratingPsi: stabilityIndex(...alignedCounts(earlier.ratings, later.ratings)),
    typePsi: stabilityIndex(...alignedCounts(earlier.types, later.types)),
    popularityDivergence: jensenShannon(
      Object.fromEntries(earlier.popular),
      Object.fromEntries(later.popular),
    ),
    eventsRatio: later.events / earlier.events,
    usersRatio: later.users / earlier.users,
    itemsRatio: later.items / earlier.items,
  };
}

type Counts = Readonly<Record<string, number>>;

/** Jensen-Shannon divergence with base 2 (Lin 1991): 0 for equal shares, 1 for disjoint ones. */
export function jensenShannon(earlier: Counts, later: Counts): number {
  let divergence = 0;
  for (const [p, q] of sharesOf(earlier, later)) {
    const middle = (p + q) / 2;
    if (p > 0) divergence += (p / 2) * Math.log2(p / middle);
    if (q > 0) divergence += (q / 2) * Math.log2(q / middle);
  }
  return divergence;
}

function sharesOf(earlier: Counts, later: Counts): [number, number][] {
  const [before, after] = alignedCounts(earlier, later);
  const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0) || 1;
  const [ofBefore, ofAfter] = [total(before), total(after)];
  return before.map((count, at) => [count / ofBefore, after[at]! / ofAfter]);
}

/** Both counts over the classes that either has, in one order. */
function alignedCounts(earlier: Counts, later: Counts): [number[], number[]] {
  const names = [...new Set([...Object.keys(earlier), ...Object.keys(later)])];
  return [names.map((name) => earlier[name] ?? 0), names.map((name) => later[name] ?? 0)];
}
