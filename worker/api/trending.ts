import type { ItemFilter } from "./filter.ts";
import type { Asked, Degradations, RankedItem } from "./recommendations.ts";
import type { ServedRelease } from "./served-release.ts";

/** Items that many people like, and which computation of trending they come from. */
export interface TrendingItems {
  readonly items: readonly RankedItem[];
  readonly variant: string;
}

/**
 * What is trending, completed from the release's most popular items.
 *
 * Only items of this release are named: the answer's release header then speaks for every item.
 *
 * @param count items wanted; fewer come back only when the filter lets no more pass.
 */
export async function trendingItems(
  asked: Asked,
  release: ServedRelease,
  filter: ItemFilter,
  count: number,
  degradations: Degradations,
): Promise<TrendingItems> {
  const { catalogue } = release;
  const items: RankedItem[] = [];
  let computedAt = 0;
  try {
    // Awaited only when it must be read: most isolates hold it.
    const found = asked.store.trending(asked.waitUntil);
    const current = found instanceof Promise ? await found : found;
    computedAt = Date.parse(current?.computedAt ?? "") || 0;
    for (const item of current?.items ?? []) {
      if (items.length >= count) break;
      const index = catalogue.indexOf(item.itemId);
      if (index >= 0 && filter.allows(index)) items.push({ index, score: item.score });
    }
  } catch (error) {
    degradations.add("trending", error);
  }
  completeWithPopular(release, filter, items, count);
  return { items, variant: `t${computedAt.toString(36)}` };
}

function completeWithPopular(
  release: ServedRelease,
  filter: ItemFilter,
  items: RankedItem[],
  count: number,
): void {
  if (items.length >= count) return;
  const { catalogue } = release;
  const named = new Set(items.map((item) => item.index));
  for (const index of catalogue.popular(catalogue.length)) {
    if (items.length >= count) return;
    // Below every trending score: popularity only fills what trending leaves open.
    if (!named.has(index) && filter.allows(index)) items.push({ index, score: 0 });
  }
}
