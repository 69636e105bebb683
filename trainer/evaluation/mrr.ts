/**
 * Reciprocal rank at k: 1 / (rank of the first target within the top k), 0 when there is none. Its
 * mean over users is the MRR (Voorhees 1999).
 */
export function reciprocalRank(
  ranked: ArrayLike<number>,
  targets: ReadonlySet<number>,
  k: number,
): number {
  for (let at = 0; at < Math.min(k, ranked.length); at++) {
    if (targets.has(ranked[at]!)) return 1 / (at + 1);
  }
  return 0;
}
