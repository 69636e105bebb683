/** A p-value among several, and the level at which its own interval agrees with the decision. */
export interface Corrected {
  /** Adjusted by Holm: significant where it is at most alpha. */
  readonly p: number;
  /** alpha over the number of hypotheses still open at its turn; from the first that stays open on, none closes. */
  readonly level: number;
}

/**
 * Holm's step-down correction (1979): the chance of a single false finding among all stays at alpha.
 *
 * @param values p-values, always valid ones stay so.
 * @returns in the order of `values`.
 */
export function holm(values: readonly number[], alpha: number): Corrected[] {
  const corrected: Corrected[] = [];
  const leastFirst = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  let least = 0;
  let open = values.length;
  leastFirst.forEach((at, rank) => {
    least = Math.max(least, Math.min(1, (values.length - rank) * values[at]!));
    corrected[at] = { p: least, level: alpha / open };
    if (least <= alpha) open = Math.max(1, open - 1);
  });
  return corrected;
}
