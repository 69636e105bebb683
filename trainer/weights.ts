/**
 * Interactions: the training weight that a rating or an implicit event carries.
 */
import type { Csr } from "./csr.ts";

/** How values become weights. `binary`: whatever a user chose to rate or watch counts as 1. */
export type Weighting = "binary";

/** The matrix with weights in place of rating values; offsets and indices are shared. */
export function interactionWeights(matrix: Csr, weighting: Weighting = "binary"): Csr {
  switch (weighting) {
    case "binary":
      return { ...matrix, values: new Float32Array(matrix.values.length).fill(1) };
  }
}
