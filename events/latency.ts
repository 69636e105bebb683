/** Times as counts in buckets, so that what many isolates measured adds up, and percentiles remain. */

/** Upper ends of the buckets in ms, 1-2-5 in each power of ten; the last bucket has no end. */
export const LATENCY_BOUNDS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000,
] as const;

/** The bucket without an end, as Prometheus writes it. */
export const ENDLESS = "+Inf";

/** The bucket that a time falls into, by its upper end: `5` for more than 2 and up to 5 ms. */
export function latencyBucket(ms: number): string {
  const bound = LATENCY_BOUNDS_MS.find((end) => ms <= end);
  return bound === undefined ? ENDLESS : String(bound);
}

/**
 * The time below which a share of them lies, as Prometheus' `histogram_quantile` estimates it: evenly
 * spread within a bucket, and the last end for whatever lies beyond.
 *
 * @param counts by bucket, each counting what fell into it alone.
 * @param share 0..1.
 * @returns ms; null when nothing was measured.
 */
export function latencyQuantile(
  counts: Readonly<Record<string, number>>,
  share: number,
): number | null {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (all === 0) return null;
  const wanted = share * all;
  let below = 0;
  let start = 0;
  for (const end of LATENCY_BOUNDS_MS) {
    const count = counts[String(end)] ?? 0;
    if (count > 0 && below + count >= wanted) {
      return start + ((end - start) * (wanted - below)) / count;
    }
    below += count;
    start = end;
  }
  return start;
}
