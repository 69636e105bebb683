/**
 * Encoding: from what somebody interacted with to a vector that items are compared with.
 *
 * With x_j the weights of a profile's items, f_j an item's input factor, t the stretch, beta the
 * sharpness, c_m the centres and R_m the mixing of the hidden units:
 *
 *     s = t * sum_j x_j f_j v_j                     linear part, its dimensions only
 *     h_m = exp(beta (s . c_m / |s| - 1))           1 where s points at the centre, less around it
 *     u = t * [s, sum_m h_m R_m]
 *
 * The hidden layer says how near this taste is to each of some hundred typical ones (a radial basis
 * function network, Broomhead & Lowe 1988, on the sphere).
 */
import type { ModelView } from "./model.ts";

/** What somebody interacted with: item indices and how much each counts (1 = once). */
export interface Profile {
  readonly items: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

/**
 * The user vector of a profile. Items outside the model are passed over; an empty profile gives what
 * suits everybody a little.
 *
 * @returns `dimensions` numbers; a score is their product with the bytes of a row, times its scale.
 */
export function encodeProfile(model: ModelView, profile: Profile): Float32Array {
  const { dimensions, stretch } = model;
  const user = new Float32Array(dimensions);
  const sums = sumProfile(model, profile);
  user.set(sums);
  addHidden(model, closeness(model, sums), user);
  for (let d = 0; d < dimensions; d++) user[d]! *= stretch[d]!;
  return user;
}

/** s: `linear` numbers. */
export function sumProfile(model: ModelView, profile: Profile): Float32Array {
  const { items, linear, dimensions, rows, inputs, stretch } = model;
  const sums = new Float32Array(linear);
  for (let at = 0; at < profile.items.length; at++) {
    const item = profile.items[at]!;
    if (item >= items) continue;
    const factor = profile.weights[at]! * inputs[item]!;
    const start = item * dimensions;
    for (let d = 0; d < linear; d++) sums[d]! += factor * rows[start + d]!;
  }
  for (let d = 0; d < linear; d++) sums[d]! *= stretch[d]!;
  return sums;
}

/** s . c_m / |s| of each hidden unit, the cosine between taste and centre; 0 without a taste. */
export function closeness(model: ModelView, sums: Float32Array): Float32Array {
  const { hidden, linear, centres } = model;
  const cosines = new Float32Array(hidden);
  const length = lengthOf(sums);
  if (length === 0) return cosines;
  for (let m = 0; m < hidden; m++) {
    const start = m * linear;
    let sum = 0;
    for (let d = 0; d < linear; d++) sum += sums[d]! * centres[start + d]!;
    cosines[m] = sum / length;
  }
  return cosines;
}

/** |s|. */
export function lengthOf(vector: Float32Array): number {
  let square = 0;
  for (const value of vector) square += value * value;
  return Math.sqrt(square);
}

/** What the hidden layer adds to the user vector, behind its linear part. */
function addHidden(model: ModelView, cosines: Float32Array, user: Float32Array): void {
  const { linear, dimensions, mixing, sharpness } = model;
  const outputs = dimensions - linear;
  for (let m = 0; m < cosines.length; m++) {
    const active = Math.exp(sharpness * (cosines[m]! - 1));
    const start = m * outputs;
    for (let d = 0; d < outputs; d++) user[linear + d]! += active * mixing[start + d]!;
  }
}
