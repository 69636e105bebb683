/**
 * The top of every held-out user's ranking, profile items excluded: what all metrics look at.
 */
import { topK } from "../../release/topk.ts";
import { rowIndices, selectRows } from "../csr.ts";
import type { Recommender } from "../models/model.ts";
import type { HeldOut } from "./split.ts";

/** Scores held in memory at once: 8 M floats, 32 MB. */
const BLOCK_SCORES = 8_000_000;

/**
 * Ranks the items of each held-out user, best first, at most `depth` of them. Equal scores rank the
 * lower item index first, so that a ranking does not depend on chance.
 */
export function rankHeldOut(
  model: Pick<Recommender, "score">,
  heldOut: HeldOut,
  depth: number,
): Uint32Array[] {
  const { profiles } = heldOut;
  const block = Math.max(1, Math.min(profiles.rows, Math.floor(BLOCK_SCORES / profiles.cols)));
  const scores = new Float32Array(block * profiles.cols);
  const ranked: Uint32Array[] = [];
  for (let start = 0; start < profiles.rows; start += block) {
    const rows = Math.min(block, profiles.rows - start);
    const users = Uint32Array.from({ length: rows }, (_, row) => start + row);
    model.score(selectRows(profiles, users), scores.subarray(0, rows * profiles.cols));
    for (let row = 0; row < rows; row++) {
      const own = scores.subarray(row * profiles.cols, (row + 1) * profiles.cols);
      ranked.push(topK(own, depth, rowIndices(profiles, start + row)).items.slice());
    }
  }
  return ranked;
}
