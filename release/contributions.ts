/** Why an item is recommended: how much of its score each item of the profile brought. */
import type { Profile } from "./encode.ts";
import type { ModelView } from "./model.ts";

export interface Contributions {
  /** One number for each entry of the profile; 0 for an item that the model does not know. */
  readonly byItem: Float32Array;
  /** What the score would be without any profile. */
  readonly rest: number;
}

/** The score of `item` for a profile, taken apart: the contributions and the rest add up to it. */
export function contributions(model: ModelView, profile: Profile, item: number): Contributions {
  const { items, dimensions, rows, scales } = model;
  const byItem = new Float32Array(profile.items.length);
  const target = item * dimensions;
  for (let at = 0; at < byItem.length; at++) {
    const from = profile.items[at]!;
    if (from >= items) continue;
    let product = 0;
    for (let d = 0; d < dimensions; d++)
      product += rows[from * dimensions + d]! * rows[target + d]!;
    byItem[at] = profile.weights[at]! * product * scales[from]! * scales[item]!;
  }
  return { byItem, rest: 0 };
}
