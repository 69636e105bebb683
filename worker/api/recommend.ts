import { armOf } from "../../release/pointer.ts";
import type { EdgeStore, ServedRelease, UserList } from "./edge-store.ts";
import { Problem } from "./problem.ts";

/** Where an answer's items come from. */
export type Source = "list" | "trending";

/** One recommended item: its index in the release's catalogue, and the score that ranked it. */
export interface RankedItem {
  readonly index: number;
  readonly score: number;
}

/** A user's recommendations, before they are written as text or JSON. */
export interface Recommendations {
  readonly release: ServedRelease;
  readonly source: Source;
  readonly items: readonly RankedItem[];
  /** Which layer failed and was gone around, or null. */
  readonly degraded: string | null;
  /** What the answer depends on beside release and path, for its ETag. */
  readonly variant: string;
}

type WaitUntil = (work: Promise<unknown>) => void;

/**
 * The user's best items: the precomputed list, or what is trending for a user never seen.
 *
 * A shard that is missing, damaged or unreachable does not empty the answer: trending is served and
 * `degraded` says why.
 */
export async function recommend(
  store: EdgeStore,
  userId: string,
  limit: number,
  waitUntil: WaitUntil,
): Promise<Recommendations> {
  const release = await activeRelease(store, userId, waitUntil);
  let list: UserList | null = null;
  let degraded: string | null = null;
  try {
    const found = store.list(release, userId);
    list = found instanceof Promise ? await found : found;
  } catch (error) {
    degraded = `list: ${(error as Error).message}`;
  }
  if (list === null) return { ...(await trending(store, release, limit, waitUntil)), degraded };
  return { release, source: "list", items: listed(list, limit), degraded, variant: "l" };
}

/** The release that serves this user. */
export async function activeRelease(
  store: EdgeStore,
  userId: string,
  waitUntil: WaitUntil,
): Promise<ServedRelease> {
  const known = store.pointer(waitUntil);
  const pointer = known instanceof Promise ? await known : known;
  if (pointer === null) {
    throw new Problem(
      503,
      "NO_RELEASE",
      'No release has been activated yet. Run "usher cycle" to train and publish the first one.',
      { headers: { "retry-after": "10" } },
    );
  }
  const release = store.release(armOf(pointer, userId));
  return release instanceof Promise ? await release : release;
}

/**
 * What is trending, completed from the release's most popular items.
 *
 * Only items of this release are named: the answer's release header then speaks for every item.
 */
export async function trending(
  store: EdgeStore,
  release: ServedRelease,
  limit: number,
  waitUntil: WaitUntil,
): Promise<Recommendations> {
  const { catalogue } = release;
  const items: RankedItem[] = [];
  let computedAt = "0";
  let degraded: string | null = null;
  try {
    const current = await store.trending(waitUntil);
    computedAt = current?.computedAt ?? "0";
    for (const item of current?.items ?? []) {
      const index = catalogue.indexOf(item.itemId);
      if (index >= 0 && items.length < limit) items.push({ index, score: item.score });
    }
  } catch (error) {
    degraded = `trending: ${(error as Error).message}`;
  }
  completeWithPopular(release, items, limit);
  return { release, source: "trending", items, degraded, variant: `t-${Date.parse(computedAt)}` };
}

function completeWithPopular(release: ServedRelease, items: RankedItem[], limit: number): void {
  if (items.length >= limit) return;
  const named = new Set(items.map((item) => item.index));
  for (const index of release.catalogue.popular(limit + items.length)) {
    if (items.length >= limit) return;
    // Below every trending score: popularity only fills what trending leaves open.
    if (!named.has(index)) items.push({ index, score: 0 });
  }
}

function listed(list: UserList, limit: number): RankedItem[] {
  const indices = list.shard.items(list.row);
  const count = Math.min(limit, indices.length);
  const items = new Array<RankedItem>(count);
  for (let position = 0; position < count; position++) {
    items[position] = { index: indices[position]!, score: list.shard.score(list.row, position) };
  }
  return items;
}
