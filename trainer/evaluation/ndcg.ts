/**
 * Normalised discounted cumulative gain at k with binary relevance (Järvelin & Kekäläinen 2002; the
 * truncated ideal of Liang et al. 2018):
 *
 *     DCG@k = sum over ranks r = 1..k of [item at r is a target] / log2(r + 1)
 *     NDCG@k = DCG@k / (sum over r = 1..min(k, |targets|) of 1 / log2(r + 1))
 *
 * `ranked` best first. Without targets the answer is 0.
 */
export function ndcg(ranked: ArrayLike<number>, targets: ReadonlySet<number>, k: number): number {
  let gain = 0;
  for (let at = 0; at < Math.min(k, ranked.length); at++) {
    if (targets.has(ranked[at]!)) gain += 1 / Math.log2(at + 2);
  }
  let ideal = 0;
  for (let at = 0; at < Math.min(k, targets.size); at++) ideal += 1 / Math.log2(at + 2);
  return ideal === 0 ? 0 : gain / ideal;
}
