import { LIST_LENGTH } from "../../release/shard.ts";
import { type Ranker, releaseFor } from "./active-release.ts";
import type { UserList } from "./edge-store.ts";
import { type ItemFilter, itemFilter, withoutItems } from "./filter.ts";
import { diversified, hasDirection, rankByTaste, type Taste } from "./fold-in.ts";
import { interleaved } from "./interleaved.ts";
import { openPage, pageOf, type Ranking } from "./page.ts";
import {
  type Asked,
  Degradations,
  type RankedItem,
  type Recommendations,
  type Source,
} from "./recommendations.ts";
import type { ServedRelease } from "./served-release.ts";
import {
  type FreshInteractions,
  type Interaction,
  type KnownTaste,
  profileOf,
  readScan,
  readTaste,
} from "./taste.ts";
import { trendingItems } from "./trending.ts";
import type { Wish } from "./wish.ts";

/**
 * The user's best items: the precomputed list; completed by a fold-in of what the release knows of
 * the user where a filter leaves too few of it; what is trending for a user never seen.
 *
 * Whatever fails below is gone around, and `degraded` says what.
 *
 * @param fresh what the user did since: it is folded in, and its items do not come back.
 */
export async function recommend(
  asked: Asked,
  userId: string,
  wish: Wish,
  fresh: FreshInteractions | null = null,
): Promise<Recommendations> {
  const found = releaseFor(asked.store, userId, asked.waitUntil);
  const active = found instanceof Promise ? await found : found;
  const degradations = new Degradations();
  if (active.degraded !== null) degradations.add("release", active.degraded);
  const own = withDiversity(wish, active.diversity);
  const page = await openPage(asked, active.release, userId, own);
  const filter = itemFilter(page.release.catalogue, own);
  const user: User = { asked, release: page.release, userId, fresh, degradations };
  const needed = page.position + wish.limit;
  const ranking = await rankForUser(user, own, filter, needed);
  const { exposures, rival } = active;
  if (rival === null) return { ...pageOf(page, ranking, own, filter, degradations), exposures };
  const other = await rankForRival({ ...user, release: rival.release }, wish, rival, needed);
  const { experiment } = exposures.find(({ arm }) => arm === null)!;
  const mixed = interleaved(experiment, userId, { release: page.release, ranking }, other, needed);
  const answer = pageOf(page, mixed, own, filter, degradations);
  return { ...answer, exposures, rival: rival.release };
}

async function rankForRival(user: User, wish: Wish, rival: Ranker, needed: number) {
  const filter = itemFilter(rival.release.catalogue, wish);
  const ranking = await rankForUser(user, withDiversity(wish, rival.diversity), filter, needed);
  return { release: rival.release, ranking };
}

/** Whoever asks for diversity gets that; everybody else what serves them. */
function withDiversity(wish: Wish, diversity: number): Wish {
  return wish.diversity > 0 || diversity === 0 ? wish : { ...wish, diversity };
}

/**
 * The best items for a profile that nobody stores: somebody anonymous, or a user on a device.
 *
 * Its own items do not come back. A profile that pulls nowhere is told what is trending.
 *
 * @returns the answer, and the ids of the profile that the release does not have.
 */
export async function recommendForProfile(
  asked: Asked,
  interactions: readonly Interaction[],
  wish: Wish,
): Promise<{ answer: Recommendations; unknownItems: string[] }> {
  const found = releaseFor(asked.store, "", asked.waitUntil);
  const active = found instanceof Promise ? await found : found;
  const degradations = new Degradations();
  if (active.degraded !== null) degradations.add("release", active.degraded);
  const page = await openPage(asked, active.release, JSON.stringify(interactions), wish);
  const { release } = page;
  const filter = itemFilter(release.catalogue, wish);
  const { profile, unknown } = profileOf(release, interactions);
  const scan = hasDirection(profile) ? await readScan(asked, release, degradations) : null;
  const needed = page.position + wish.limit;
  const ranking =
    scan === null
      ? await rankTrending(
          asked,
          release,
          withoutItems(filter, profile.items),
          needed,
          degradations,
        )
      : rankWholly({ scan, profile }, wish, filter, needed);
  return { answer: pageOf(page, ranking, wish, filter, degradations), unknownItems: unknown };
}

interface User {
  readonly asked: Asked;
  readonly release: ServedRelease;
  readonly userId: string;
  readonly fresh: FreshInteractions | null;
  readonly degradations: Degradations;
}

async function rankForUser(
  user: User,
  wish: Wish,
  filter: ItemFilter,
  needed: number,
): Promise<Ranking> {
  const { asked, release, userId, fresh, degradations } = user;
  const readOwn = () => readTaste(asked, release, userId, fresh, degradations);
  const wholly = fresh !== null || wish.diversity > 0;
  // Begun before the list is awaited: both are read at once.
  const begun = wholly || wish.explain ? readOwn() : null;
  const { list, failed } = await readList(user);
  const own = list?.filter(({ index }) => filter.allows(index)) ?? [];
  // A list that is not full holds all there is.
  const isShort = (of: readonly RankedItem[]) => of.length < needed && list?.length === LIST_LENGTH;
  const known = await (begun ?? (isShort(own) || failed ? readOwn() : NOTHING_KNOWN));
  const taste = tasteOf(known);
  const unseen = withoutItems(filter, known.profile?.items ?? []);
  if (taste !== null && (wholly || list === null)) return rankWholly(taste, wish, filter, needed);
  if (list === null) return rankTrending(asked, release, unseen, needed, degradations);
  const items = own.filter(({ index }) => unseen.allows(index));
  if (wish.diversity > 0 && known.scan !== null) {
    return { ...LISTED, items: diversified(items, wish.diversity, known.scan), taste };
  }
  const listed = { ...LISTED, items, taste };
  if (!isShort(items)) return listed;
  if (taste !== null) {
    const hidden = items.map(({ index }) => index);
    const more = rankByTaste(taste, filter, needed - items.length, { hidden });
    return completed(listed, more, "fold-in");
  }
  // Without knowing what was seen, popular items only go where the answer would be empty.
  if (known.profile === null && items.length > 0) return listed;
  const unlisted = withoutItems(
    unseen,
    items.map(({ index }) => index),
  );
  const wanted = needed - items.length;
  const more = await trendingItems(asked, release, unlisted, wanted, degradations);
  return { ...completed(listed, more.items, "trending"), filling: more.variant };
}

function completed(list: Ranking, more: readonly RankedItem[], by: Source): Ranking {
  if (more.length === 0) return list;
  if (list.items.length === 0) return { ...list, items: more, source: by };
  return { ...list, items: [...list.items, ...more], completed: by };
}

const NOTHING_KNOWN: KnownTaste = { scan: null, profile: null };
const LISTED = { source: "list", completed: null, kind: "l" } as const;

function tasteOf({ scan, profile }: KnownTaste): Taste | null {
  return scan !== null && profile !== null && hasDirection(profile) ? { scan, profile } : null;
}

function rankWholly(taste: Taste, wish: Wish, filter: ItemFilter, needed: number): Ranking {
  const items = rankByTaste(taste, filter, needed, { diversity: wish.diversity });
  return { items, source: "fold-in", completed: null, kind: "f", taste };
}

async function rankTrending(
  asked: Asked,
  release: ServedRelease,
  filter: ItemFilter,
  needed: number,
  degradations: Degradations,
): Promise<Ranking> {
  const { items, variant } = await trendingItems(asked, release, filter, needed, degradations);
  const source = release.manifest === null ? "fallback" : "trending";
  return { items, source, completed: null, kind: variant, taste: null };
}

/** The precomputed list, null for a user whom the release does not know or when it `failed`. */
async function readList(user: User): Promise<{ list: RankedItem[] | null; failed: boolean }> {
  const { asked, release, userId, degradations } = user;
  try {
    const found = asked.store.list(release, userId, asked.waitUntil);
    const list = found instanceof Promise ? await found : found;
    return { list: list === null ? null : ranked(list), failed: false };
  } catch (error) {
    degradations.add("list", error);
    return { list: null, failed: true };
  }
}

function ranked({ shard, row }: UserList): RankedItem[] {
  return Array.from(shard.items(row), (index, position) => ({
    index,
    score: shard.score(row, position),
  }));
}
