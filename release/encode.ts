/** Encoding: from what somebody interacted with to a vector that items are compared with. */
import type { ModelView } from "./model.ts";

/** What somebody interacted with: item indices and how much each counts (1 = once). */
export interface Profile {
  readonly items: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

/**
 * The user vector of a profile x: xA, the weighted sum of its items' rows.
 *
 * Items outside the model are passed over.
 *
 * @returns `dimensions` numbers.
 */
export function encodeProfile(model: ModelView, profile: Profile): Float32Array {
  const { items, dimensions, rows, scales } = model;
  const user = new Float32Array(dimensions);
  for (let at = 0; at < profile.items.length; at++) {
    const item = profile.items[at]!;
    if (item >= items) continue;
    const weight = profile.weights[at]! * scales[item]!;
    const start = item * dimensions;
    for (let d = 0; d < dimensions; d++) user[d]! += weight * rows[start + d]!;
  }
  return user;
}
