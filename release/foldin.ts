/** Fold-in: scores for a profile that no training has seen. */
import { encodeProfile, type Profile } from "./encode.ts";
import type { ModelView } from "./model.ts";

/**
 * Scores every item for a profile: the product of its user vector with every item's row.
 *
 * Items of the profile get scores too; who ranks masks them. The cost is (profile + items) x
 * dimensions multiplications, of which those over all items dominate.
 *
 * @param scores one score an item, overwritten.
 */
export function foldIn(model: ModelView, profile: Profile, scores: Float32Array): void {
  const { items, dimensions, rows, scales } = model;
  const user = encodeProfile(model, profile);
  for (let item = 0; item < items; item++) {
    const start = item * dimensions;
    let sum = 0;
    for (let d = 0; d < dimensions; d++) sum += user[d]! * rows[start + d]!;
    scores[item] = sum * scales[item]!;
  }
}
