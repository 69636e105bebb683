/** Fold-in: scores for a profile that no training has seen. */
import { encodeProfile, type Profile } from "./encode.ts";
import type { ModelView } from "./model.ts";
import { scanRows } from "./scan.ts";

/**
 * Scores every item for a profile: the product of its user vector with every item's row.
 *
 * Items of the profile get scores too; who ranks masks them. The cost is (profile + items) x
 * dimensions multiplications, of which those over all items dominate; where that matters, a `Scan`
 * does the same with a SIMD kernel.
 *
 * @param scores one score an item, overwritten.
 */
export function foldIn(model: ModelView, profile: Profile, scores: Float32Array): void {
  scanRows(model, encodeProfile(model, profile), scores);
}
