/** How far two datasets lie apart. */
import type { DatasetFacts } from "../../drizzle/dataset-facts.ts";

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
    ratingPsi: stabilityIndex(earlier.ratings, later.ratings),
    typePsi: stabilityIndex(earlier.types, later.types),
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

/** A share below this counts as this: an empty class would make the index infinite. */
const LEAST_SHARE = 1e-4;

/** Population stability index: the sum over classes of (q - p) ln(q / p). */
export function stabilityIndex(earlier: Counts, later: Counts): number {
  let index = 0;
  for (const [p, q] of sharesOf(earlier, later)) {
    const [from, to] = [Math.max(p, LEAST_SHARE), Math.max(q, LEAST_SHARE)];
    index += (to - from) * Math.log(to / from);
  }
  return index;
}

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
  const total = (counts: Counts) =>
    Object.values(counts).reduce((sum, count) => sum + count, 0) || 1;
  const [before, after] = [total(earlier), total(later)];
  const names = new Set([...Object.keys(earlier), ...Object.keys(later)]);
  return Array.from(names, (name) => [(earlier[name] ?? 0) / before, (later[name] ?? 0) / after]);
}
