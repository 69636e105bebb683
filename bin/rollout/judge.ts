/** Requests that a version answered, and those it failed. */
export interface VersionTraffic {
  readonly requests: number;
  readonly errors: number;
}

/** When a new version is taken back. */
export interface RolloutLimits {
  /** Requests of the new version before its errors say anything. */
  readonly leastRequests: number;
  /** Share of failed requests above the old version's, beyond which the new one is worse, 0..1. */
  readonly errorMargin: number;
}

/** `few`: too little traffic to tell. */
export type Verdict =
  | { readonly kind: "good" | "few"; readonly says: string }
  | { readonly kind: "worse"; readonly says: string };

/** Standard errors that a difference must have to be no accident. */
const STANDARD_ERRORS = 3;

/**
 * Compares the failed share of a new version with that of the old one.
 *
 * Worse is a difference above the margin that is also three standard errors of two proportions wide
 * (pooled), so that a single failure among a hundred requests takes nothing back.
 */
export function judge(
  next: VersionTraffic,
  old: VersionTraffic,
  { leastRequests, errorMargin }: RolloutLimits,
): Verdict {
  const says = `${percentOf(next)} of ${next.requests} requests failed, ${percentOf(old)} of ${old.requests} before`;
  if (next.requests < leastRequests) return { kind: "few", says };
  const difference = share(next) - share(old);
  const error = standardError(next, old);
  const worse = difference > errorMargin && difference > STANDARD_ERRORS * error;
  return { kind: worse ? "worse" : "good", says };
}

function standardError(a: VersionTraffic, b: VersionTraffic): number {
  const pooled = (a.errors + b.errors) / (a.requests + b.requests);
  const spread = 1 / a.requests + (b.requests === 0 ? 0 : 1 / b.requests);
  return Math.sqrt(pooled * (1 - pooled) * spread);
}

function share({ requests, errors }: VersionTraffic): number {
  return requests === 0 ? 0 : errors / requests;
}

function percentOf(traffic: VersionTraffic): string {
  return `${(share(traffic) * 100).toFixed(2)} %`;
}
