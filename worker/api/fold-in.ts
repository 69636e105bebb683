import { contributor } from "../../release/contributions.ts";
import { encodeProfile, type Profile } from "../../release/encode.ts";
import { rerankForDiversity } from "../../release/rerank.ts";
import type { Scan } from "../../release/scan.ts";
import { topK } from "../../release/topk.ts";
import type { ItemFilter } from "./filter.ts";
import type { RankedItem, Reason } from "./recommendations.ts";
import { similarityOf } from "./similar.ts";

/** Candidates that diversity chooses from; always as many, so that pages continue one ranking. */
const DIVERSITY_POOL = 100;
/** The user's own items that an explanation names. */
const MOST_REASONS = 3;

/** Somebody's taste over one release: the model, and what they interacted with. */
export interface Taste {
  readonly scan: Scan;
  readonly profile: Profile;
}

/** Whether a profile pulls anywhere: of nothing, or of dislikes alone, every score would be a guess. */
export function hasDirection(profile: Profile): boolean {
  for (let at = 0; at < profile.weights.length; at++) if (profile.weights[at] !== 0) return true;
  return false;
}

/**
 * The best items of the whole catalogue for a taste, without the profile's own, under a filter.
 *
 * @param hidden further items that must not be chosen.
 */
export function rankByTaste(
  { scan, profile }: Taste,
  filter: ItemFilter,
  count: number,
  { diversity = 0, hidden = [] }: { diversity?: number; hidden?: readonly number[] } = {},
): RankedItem[] {
  const scores = scan.score(encodeProfile(scan.model, profile));
  hide(scores, profile.items);
  hide(scores, hidden);
  if (!filter.open) {
    for (let item = 0; item < scores.length; item++) {
      if (!filter.allows(item)) scores[item] = Number.NEGATIVE_INFINITY;
    }
  }
  const pool = diversity > 0 ? Math.max(count, DIVERSITY_POOL) : count;
  const best = topK(scores, Math.min(pool, scores.length));
  const ranked = Array.from(best.items, (index, at) => ({ index, score: best.scores[at]! }));
  return diversity > 0 ? diversified(ranked, diversity, scan) : ranked;
}

/** The scores are the scan's own and overwritten by its next call. */
function hide(scores: Float32Array, items: ArrayLike<number>): void {
  for (let at = 0; at < items.length; at++) {
    if (items[at]! < scores.length) scores[items[at]!] = Number.NEGATIVE_INFINITY;
  }
}

/** Re-ranks the first 100 by maximal marginal relevance; what follows stays as it is. */
export function diversified(
  ranked: readonly RankedItem[],
  diversity: number,
  scan: Scan,
): RankedItem[] {
  const candidates = ranked.slice(0, DIVERSITY_POOL).map((item) => ({ ...item, item: item.index }));
  const options = { lambda: 1 - diversity, limit: candidates.length };
  const mixed = rerankForDiversity(candidates, similarityOf(scan), options);
  return [...mixed.map(({ item: _, ...kept }) => kept), ...ranked.slice(DIVERSITY_POOL)];
}

/** For each ranked item, the profile's items that added most to its score. */
export function withReasons({ scan, profile }: Taste, ranked: readonly RankedItem[]): RankedItem[] {
  const contributionsTo = contributor(scan.model, profile);
  return ranked.map((item) => {
    const { items, scores } = topK(contributionsTo(item.index).byItem, MOST_REASONS);
    const because: Reason[] = [];
    for (const [place, at] of items.entries()) {
      const contribution = scores[place]!;
      if (contribution > 0) because.push({ index: profile.items[at]!, contribution });
    }
    return { ...item, because };
  });
}
