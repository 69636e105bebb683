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
  const { items, linear, dimensions, rows, inputs, stretch } = model;
  const slopes = slopesOf(model, sumProfile(model, profile), item);
  const byItem = new Float32Array(profile.items.length);
  for (let at = 0; at < byItem.length; at++) {
    const from = profile.items[at]!;
    if (from >= items) continue;
    const start = from * dimensions;
    let sum = 0;
    for (let d = 0; d < linear; d++) sum += slopes[d]! * stretch[d]! * rows[start + d]!;
    byItem[at] = profile.weights[at]! * inputs[from]! * sum;
  }
  return { byItem, rest: scoreOf(model, encodeProfile(model, NOBODY), item) };
}

/** What one unit in each coordinate of s adds to the item's score on the way from nobody to s. */
function slopesOf(model: ModelView, sums: Float32Array, item: number): Float64Array {
  const { linear, dimensions, hidden, stretch, centres, mixing, sharpness } = model;
  const weights = Float64Array.from(
    { length: dimensions },
    (_, d) => model.scales[item]! * model.rows[item * dimensions + d]! * stretch[d]!,
  );
  const slopes = weights.slice(0, linear);
  const length = lengthOf(sums);
  if (length === 0) return slopes;
  const outputs = dimensions - linear;
  const cosines = closeness(model, sums);
  for (let m = 0; m < hidden; m++) {
    let effect = 0;
    for (let d = 0; d < outputs; d++) effect += mixing[m * outputs + d]! * weights[linear + d]!;
    const steepness = (effect * meanSlope(sharpness, cosines[m]!)) / length;
    for (let d = 0; d < linear; d++) slopes[d]! += steepness * centres[m * linear + d]!;
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
