/**
 * Why an item is recommended: how much of its score each item of the profile brought.
 *
 * The linear part is a sum over the profile as it stands. What passes through the hidden layer is
 * shared out by the rescale rule of DeepLIFT (Shrikumar et al. 2017, section 3.5) against the empty
 * profile: a unit's change goes to the items in proportion to what each added to its input.
 */
import { closeness, encodeProfile, lengthOf, type Profile, sumProfile } from "./encode.ts";
import type { ModelView } from "./model.ts";

export interface Contributions {
  /** One number for each entry of the profile; 0 for an item that the model does not know. */
  readonly byItem: Float32Array;
  /** What the item would score without any profile. */
  readonly rest: number;
}

const NOBODY: Profile = { items: [], weights: [] };

/** The score of `item` for a profile, taken apart: the contributions and the rest add up to it. */
export function contributions(model: ModelView, profile: Profile, item: number): Contributions {
  return contributor(model, profile)(item);
}

/** The same for many items of one profile, which share what does not depend on the item. */
export function contributor(model: ModelView, profile: Profile): (item: number) => Contributions {
  const { items, linear, dimensions, rows, inputs, stretch } = model;
  const sums = sumProfile(model, profile);
  const length = lengthOf(sums);
  // In 64 bits: one over a hardly measurable taste is past what 32 bits hold.
  const steepness = Float64Array.from(
    length === 0 ? [] : closeness(model, sums),
    (cosine) => meanSlope(model.sharpness, cosine) / length,
  );
  const nobody = encodeProfile(model, NOBODY);
  return (item) => {
    const slopes = slopesOf(model, steepness, item);
    const byItem = new Float32Array(profile.items.length);
    for (let at = 0; at < byItem.length; at++) {
      const from = profile.items[at]!;
      if (from >= items) continue;
      const start = from * dimensions;
      let sum = 0;
      for (let d = 0; d < linear; d++) sum += slopes[d]! * stretch[d]! * rows[start + d]!;
      byItem[at] = profile.weights[at]! * inputs[from]! * sum;
    }
    return { byItem, rest: scoreOf(model, nobody, item) };
  };
}

/**
 * What one unit in each coordinate of s adds to the item's score on the way from nobody to s.
 *
 * @param steepness what one unit along a hidden unit's centre adds to its output; none without a taste.
 */
function slopesOf(model: ModelView, steepness: Float64Array, item: number): Float64Array {
  const { linear, dimensions, stretch, centres, mixing } = model;
  const weights = Float64Array.from(
    { length: dimensions },
    (_, d) => model.scales[item]! * model.rows[item * dimensions + d]! * stretch[d]!,
  );
  const slopes = weights.slice(0, linear);
  const outputs = dimensions - linear;
  for (let m = 0; m < steepness.length; m++) {
    let effect = 0;
    for (let d = 0; d < outputs; d++) effect += mixing[m * outputs + d]! * weights[linear + d]!;
    const slope = effect * steepness[m]!;
    for (let d = 0; d < linear; d++) slopes[d]! += slope * centres[m * linear + d]!;
  }
  return slopes;
}

/** (h(c) - h(0)) / c of a unit h(c) = exp(beta (c - 1)), and its limit at 0. */
function meanSlope(sharpness: number, cosine: number): number {
  if (Math.abs(cosine) < 1e-6) return sharpness * Math.exp(-sharpness);
  return (Math.exp(-sharpness) * Math.expm1(sharpness * cosine)) / cosine;
}

function scoreOf(model: ModelView, user: Float32Array, item: number): number {
  let sum = 0;
  for (let d = 0; d < user.length; d++) sum += user[d]! * model.rows[item * user.length + d]!;
  return sum * model.scales[item]!;
}
