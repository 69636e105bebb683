/**
 * Recall at k as Liang et al. (2018) define it, so that 1 can be reached:
 *
 *     Recall@k = |top k that are targets| / min(k, |targets|)
 *
 * `ranked` best first. Without targets the answer is 0.
 */
export function recall(ranked: ArrayLike<number>, targets: ReadonlySet<number>, k: number): number {
  let found = 0;
  for (let at = 0; at < Math.min(k, ranked.length); at++) if (targets.has(ranked[at]!)) found++;
  return targets.size === 0 ? 0 : found / Math.min(k, targets.size);
}
