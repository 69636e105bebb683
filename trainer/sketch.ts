/**
 * A dataset's sketch: what a manifest keeps of the data, small enough for a manifest, so that the
 * next cycle can notice a drift.
 */
import { hashId } from "../release/hash.ts";
import type { DatasetSketch } from "../release/manifest.ts";
import type { Dataset } from "./dataset.ts";

/** Items sampled by their hash: the share of unseen ones is then known to about 3 points. */
export const SAMPLED_ITEMS = 256;
/** Samples of different datasets only compare under the same seed. */
const HASH_SEED = 0;
/** One bin for interest without a rating, ten for the ratings 0.5 to 5. */
const BINS = 11;

/** Counts the values and samples the items. */
export function sketchOf(dataset: Pick<Dataset, "matrix" | "rated" | "itemIds">): DatasetSketch {
  const { matrix, rated, itemIds } = dataset;
  const values = new Array<number>(BINS).fill(0);
  matrix.values.forEach((value, at) => {
    values[rated[at] === 1 ? Math.min(BINS - 1, Math.max(1, Math.round(2 * value))) : 0]!++;
  });
  const hashes = Uint32Array.from(itemIds, (itemId) => hashId(itemId, HASH_SEED).hi).sort();
  const itemSample = Array.from(hashes.subarray(0, SAMPLED_ITEMS), (hash) =>
    hash.toString(16).padStart(8, "0"),
  ).join("");
  return { values, itemSample };
}
