/**
 * Encoding in the trainer, in float32: from profiles to the user vectors that a release's lists are
 * scored with. `release/encode.ts` does the same at the edge with the quantised model.
 */
import type { Csr } from "../csr.ts";
import type { ServedModel } from "./model.ts";

/**
 * User vectors of profiles (rows x items) into `out` (rows x dimensions, row-major, overwritten):
 * the weighted sum of the profile's item rows.
 *
 * Needs nothing but plain arrays, so that a worker thread can do it from shared memory.
 */
export function encodeProfiles(served: ServedModel, profiles: Csr, out: Float32Array): void {
  const { dimensions, rows } = served;
  out.fill(0, 0, profiles.rows * dimensions);
  for (let row = 0; row < profiles.rows; row++) {
    const start = row * dimensions;
    for (let at = profiles.offsets[row]!; at < profiles.offsets[row + 1]!; at++) {
      const base = profiles.indices[at]! * dimensions;
      const weight = profiles.values[at]!;
      for (let d = 0; d < dimensions; d++) out[start + d]! += weight * rows[base + d]!;
    }
  }
}
