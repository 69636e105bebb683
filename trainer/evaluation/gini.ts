/**
 * Gini index of exposure (Fleder & Hosanagar 2009): 0 when every item is shown equally often, near 1
 * when a few are shown to everybody. With exposures e_1 <= ... <= e_n:
 *
 *     G = sum over i of (2 i - n - 1) e_i / (n sum of e)
 *
 * Nothing shown at all scores 0.
 *
 * @param shown how often each item is in a list; one entry per item
 */
export function gini(shown: ArrayLike<number>): number {
  const sorted = Float64Array.from(shown).sort();
  let weighted = 0;
  let total = 0;
  sorted.forEach((exposure, at) => {
    weighted += (2 * (at + 1) - sorted.length - 1) * exposure;
    total += exposure;
  });
  return total === 0 ? 0 : weighted / (sorted.length * total);
}
