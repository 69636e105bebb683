/**
 * Encoding in the trainer, in float32: from profiles to the user vectors that a release's lists are
 * scored with. `release/encode.ts` has the equations and does the same at the edge.
 */
import type { Csr } from "../csr.ts";
import type { ServedModel } from "./model.ts";

/**
 * User vectors of profiles (rows x items) into `out` (rows x dimensions, row-major, overwritten).
 * A score is the product of a user vector and an item's row.
 *
 * Needs nothing but plain arrays, so that a worker thread can do it from shared memory.
 */
export function encodeProfiles(served: ServedModel, profiles: Csr, out: Float32Array): void {
  const { dimensions, linear, stretch } = served;
  out.fill(0, 0, profiles.rows * dimensions);
  for (let row = 0; row < profiles.rows; row++) {
    const user = out.subarray(row * dimensions, (row + 1) * dimensions);
    sumProfile(served, profiles, row, user.subarray(0, linear));
    addHidden(served, user.subarray(0, linear), user.subarray(linear));
    for (let d = 0; d < dimensions; d++) user[d]! *= stretch[d]!;
  }
}

/** s, the linear part before its second stretch. */
function sumProfile(served: ServedModel, profiles: Csr, row: number, sums: Float32Array): void {
  const { dimensions, linear, rows, inputs, stretch } = served;
  for (let at = profiles.offsets[row]!; at < profiles.offsets[row + 1]!; at++) {
    const item = profiles.indices[at]!;
    const factor = profiles.values[at]! * inputs[item]!;
    const start = item * dimensions;
    for (let d = 0; d < linear; d++) sums[d]! += factor * rows[start + d]!;
  }
  for (let d = 0; d < linear; d++) sums[d]! *= stretch[d]!;
}

/** What the hidden layer adds. */
function addHidden(served: ServedModel, sums: Float32Array, outputs: Float32Array): void {
  const { hidden, linear, centres, sharpness, mixing } = served;
  let square = 0;
  for (let d = 0; d < linear; d++) square += sums[d]! ** 2;
  const length = Math.sqrt(square);
  for (let m = 0; m < hidden; m++) {
    let dot = 0;
    for (let d = 0; d < linear; d++) dot += sums[d]! * centres[m * linear + d]!;
    const active = Math.exp(sharpness * (length > 0 ? dot / length - 1 : -1));
    const start = m * outputs.length;
    for (let d = 0; d < outputs.length; d++) outputs[d]! += active * mixing[start + d]!;
  }
}
