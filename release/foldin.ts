/** Fold-in: scores for a profile that no training has seen. */
import type { ModelView } from "./model.ts";

/** What somebody interacted with: item indices and how much each counts (1 = once). */
export interface Profile {
  readonly items: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

/**
 * Scores every item for a profile x: x(AAᵀ − I), with A the model's rows.
 *
 * The cost is (profile + items) x dimensions multiplications, of which those over all items dominate.
 *
 * @param scores one score an item, overwritten.
 */
export function foldIn(model: ModelView, profile: Profile, scores: Float32Array): void {
  const { items, dimensions, rows, scales } = model;
  const taste = sumRows(model, profile);
  for (let item = 0; item < items; item++) {
    const start = item * dimensions;
    let sum = 0;
    for (let at = 0; at < dimensions; at++) sum += taste[at]! * rows[start + at]!;
    scores[item] = sum * scales[item]!;
  }
  for (let at = 0; at < profile.items.length; at++) {
    const item = profile.items[at]!;
    if (item < items) scores[item]! -= profile.weights[at]!;
  }
}

/** xA: where the profile lies among the items, `dimensions` numbers. */
function sumRows(model: ModelView, profile: Profile): Float32Array {
  const { items, dimensions, rows, scales } = model;
  const taste = new Float32Array(dimensions);
  for (let at = 0; at < profile.items.length; at++) {
    const item = profile.items[at]!;
    if (item >= items) continue;
    const weight = profile.weights[at]! * scales[item]!;
    const start = item * dimensions;
    for (let d = 0; d < dimensions; d++) taste[d]! += weight * rows[start + d]!;
  }
  return taste;
}
