/** Selecting the best of many scores. */

/** The best items, best first, with their scores. */
export interface TopK {
  readonly items: Uint32Array;
  readonly scores: Float32Array;
}

/**
 * The `k` highest scores outside `masked`.
 *
 * One pass with a threshold: nearly every score is turned away by a single comparison, and the few
 * that pass are inserted into the sorted best. Ties go to the lower index; NaN and -Infinity are
 * never chosen, so fewer than `k` may come back.
 *
 * @param scores one score an item.
 * @param masked item indices that must not be chosen.
 */
export function topK(scores: Float32Array, k: number, masked: ArrayLike<number> = []): TopK {
  const hidden = hide(scores, masked);
  const items = new Uint32Array(k);
  const best = new Float32Array(k).fill(Number.NEGATIVE_INFINITY);
  let threshold = Number.NEGATIVE_INFINITY;
  let count = 0;
  if (k > 0) {
    for (let item = 0; item < scores.length; item++) {
      const score = scores[item]!;
      if (!(score > threshold)) continue;
      let at = count < k ? count : k - 1;
      while (at > 0 && best[at - 1]! < score) {
        best[at] = best[at - 1]!;
        items[at] = items[at - 1]!;
        at--;
      }
      best[at] = score;
      items[at] = item;
      if (count < k) count++;
      if (count === k) threshold = best[k - 1]!;
    }
  }
  reveal(scores, masked, hidden);
  return { items: items.subarray(0, count), scores: best.subarray(0, count) };
}

/** Masks in place rather than asking for every score whether it is masked. */
function hide(scores: Float32Array, masked: ArrayLike<number>): Float32Array {
  const hidden = new Float32Array(masked.length);
  for (let at = 0; at < masked.length; at++) {
    const item = masked[at]!;
    if (item >= scores.length) continue;
    hidden[at] = scores[item]!;
    scores[item] = Number.NEGATIVE_INFINITY;
  }
  return hidden;
}

/** Undone backwards, so that an item masked twice gets its own score back. */
function reveal(scores: Float32Array, masked: ArrayLike<number>, hidden: Float32Array): void {
  for (let at = masked.length - 1; at >= 0; at--) {
    const item = masked[at]!;
    if (item < scores.length) scores[item] = hidden[at]!;
  }
}
