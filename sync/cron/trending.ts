import type { Database } from "../../drizzle/database.ts";
import { recentInteractions } from "../../drizzle/events.ts";
import { TRENDING_KEY } from "../../release/keys.ts";
import { parseTrending, type Trending } from "../../release/pointer.ts";
import type { CronStore } from "./store.ts";

/** Trending looks back this many half-lives: what is older weighs under 1 %. */
const HALF_LIVES = 7;
/** Enough for a page of 20 after filters and after what a user has seen. */
const TRENDING_ITEMS = 200;

/** What a refresh did. */
export interface TrendingOutcome {
  readonly items: number;
  readonly written: boolean;
}

/**
 * Recomputes what is trending from recent events: each weighs 2^(-age / half-life).
 *
 * Writes only when the order changed: a KV write costs money, and an unchanged list stays cached.
 */
export async function refreshTrending(
  store: CronStore,
  database: Database,
  now: Date,
  halfLifeHours: number,
): Promise<TrendingOutcome> {
  const windowHours = halfLifeHours * HALF_LIVES;
  const items = await recentInteractions(database, {
    now: now.getTime(),
    sinceMs: now.getTime() - windowHours * 3_600_000,
    halfLifeMs: halfLifeHours * 3_600_000,
    limit: TRENDING_ITEMS,
  });
  // After a quiet week what trended before it is still better than nothing.
  if (items.length === 0) return { items: 0, written: false };
  const text = await store.text(TRENDING_KEY);
  const order = (list: readonly { itemId: string }[]) => list.map((item) => item.itemId).join("\n");
  if (text !== null && order(parseTrending(text).items) === order(items)) {
    return { items: items.length, written: false };
  }
  const trending: Trending = { computedAt: now.toISOString(), windowHours, items };
  await store.put(TRENDING_KEY, JSON.stringify(trending));
  return { items: items.length, written: true };
}
