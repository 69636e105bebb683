import { releasesTried } from "../../experiments/pointer-change.ts";
import { manifestKey, POINTER_KEY, STAGED_KEY, UNLISTED_KEY } from "../../release/keys.ts";
import { parseListsOrder } from "../../release/lists-order.ts";
import { parsePointer, parseStaged } from "../../release/pointer.ts";
import type { CronStore } from "./store.ts";

export interface RetentionOptions {
  /** Newest releases that are kept whatever uses them. */
  readonly keep: number;
  /** Keys deleted in one run at most. */
  readonly deletes: number;
}

/** What a run of retention did. */
export interface RetentionOutcome {
  readonly releases: number;
  readonly kept: readonly string[];
  readonly deletedKeys: number;
  /** Keys of dropped releases that the next run will delete. */
  readonly left: number;
}

/** Pages of 1,000 keys looked at in one run. */
const MOST_PAGES = 200;

/**
 * Deletes the releases that nothing uses and that are not among the newest, oldest first, in bounded
 * steps. A release's manifest goes first: from then on nobody can take it for whole.
 */
export async function dropOldReleases(
  store: CronStore,
  options: RetentionOptions,
): Promise<RetentionOutcome> {
  const inUse = await releasesInUse(store);
  const keysOf = await listReleases(store);
  const drop = releasesToDrop([...keysOf.keys()], inUse, options.keep);
  const doomed = drop.flatMap((release) => manifestFirst(release, keysOf.get(release)!));
  const now = doomed.slice(0, options.deletes);
  for (const key of now) await store.delete(key);
  return {
    releases: keysOf.size,
    kept: [...keysOf.keys()].filter((release) => !drop.includes(release)),
    deletedKeys: now.length,
    left: doomed.length - now.length,
  };
}

/**
 * The releases that may go, oldest first. Ids begin with the time of their making, so their order is
 * that of age; a push under way is the newest and stays.
 */
export function releasesToDrop(
  releases: readonly string[],
  inUse: ReadonlySet<string>,
  keep: number,
): string[] {
  const oldestFirst = releases.toSorted();
  const old = oldestFirst.slice(0, Math.max(0, oldestFirst.length - keep));
  return old.filter((release) => !inUse.has(release));
}

/** Arms, also of experiments, what a rollback returns to, and what waits for lists or activation. */
async function releasesInUse(store: CronStore): Promise<Set<string>> {
  const keys = [POINTER_KEY, STAGED_KEY, UNLISTED_KEY];
  const [pointerText, stagedText, unlistedText] = await Promise.all(
    keys.map((key) => store.text(key)),
  );
  const inUse = new Set<string>();
  if (pointerText != null) {
    const pointer = parsePointer(pointerText);
    const { arms, previous } = pointer;
    for (const release of releasesTried(pointer)) inUse.add(release);
    for (const arm of arms) inUse.add(arm.release);
    if (previous !== null) inUse.add(previous);
  }
  if (stagedText != null) inUse.add(parseStaged(stagedText).release);
  if (unlistedText != null) inUse.add(parseListsOrder(unlistedText).manifest.release);
  return inUse;
}

async function listReleases(store: CronStore): Promise<Map<string, string[]>> {
  const keysOf = new Map<string, string[]>();
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page++) {
    const found = await store.list("r/", cursor);
    for (const key of found.keys) {
      const release = key.split("/")[1]!;
      const keys = keysOf.get(release);
      if (keys === undefined) keysOf.set(release, [key]);
      else keys.push(key);
    }
    cursor = found.cursor;
    if (cursor === null) break;
  }
  return keysOf;
}

function manifestFirst(release: string, keys: readonly string[]): string[] {
  const manifest = manifestKey(release);
  return keys.includes(manifest)
    ? [manifest, ...keys.filter((key) => key !== manifest)]
    : [...keys];
}
