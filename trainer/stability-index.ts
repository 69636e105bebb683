/**
 * Population stability index, the sum over bins of (p - q) ln(p / q), the symmetric Kullback-Leibler
 * divergence of two distributions; over 0.25 they are of two populations.
 */

/**
 * How far two counts over the same bins lie apart, in whichever order. Each bin counts half of one more,
 * so that an empty one does not weigh infinitely.
 */
export function stabilityIndex(now: readonly number[], before: readonly number[]): number {
  const [p, q] = [sharesOf(now), sharesOf(before)];
  return p.reduce((sum, share, bin) => sum + (share - q[bin]!) * Math.log(share / q[bin]!), 0);
}

function sharesOf(counts: readonly number[]): number[] {
  const all = counts.reduce((sum, count) => sum + count, counts.length / 2);
  return counts.map((count) => (count + 0.5) / all);
}
