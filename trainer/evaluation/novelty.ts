/**
 * Novelty at k: mean self-information of the recommended items (Zhou et al. 2010), in bits,
 *
 *     mean over the top k of -log2(users who interacted with the item / users)
 *
 * An item nobody has interacted with counts as if one user had. An empty list scores 0.
 *
 * @param counts interactions of each item in the training data
 * @param users users of the training data
 */
export function novelty(
  ranked: ArrayLike<number>,
  counts: ArrayLike<number>,
  users: number,
  k: number,
): number {
  const length = Math.min(k, ranked.length);
  let bits = 0;
  for (let at = 0; at < length; at++) bits -= Math.log2(Math.max(1, counts[ranked[at]!]!) / users);
  return length === 0 ? 0 : bits / length;
}
