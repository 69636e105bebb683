import { TOMBSTONES_KEY } from "../../release/keys.ts";
import { KV_MIN_CACHE_TTL_SECONDS } from "../../release/limits.ts";
import { tombstoneOf } from "../../release/tombstone.ts";
import { inTime, type WaitUntil } from "./deadline.ts";
import type { MaybePromise } from "./edge-store.ts";
import { RefreshedKey } from "./refreshed-key.ts";

const REFRESH_MS = 10_000;
const DEADLINE_MS = 150;

/** One set a KV binding: an isolate has one. */
const kept = new WeakMap<KVNamespace, RefreshedKey<ReadonlySet<string>>>();

/**
 * Whether a user was erased and a release may still hold a list of theirs: it must not be served.
 *
 * Answered from this isolate's memory, without a promise; a stale set is refreshed behind the answer,
 * so an erasure holds everywhere within about a minute.
 *
 * @throws UsherError `TOO_SLOW`, or what KV throws, when this isolate has never read it.
 */
export function isErased(
  kv: KVNamespace,
  userId: string,
  waitUntil: WaitUntil,
): MaybePromise<boolean> {
  const tombstones = tombstonesIn(kv);
  const held = tombstones.held(waitUntil);
  if (held !== null) return isAmong(held, userId);
  const read = inTime(tombstones.fetch(), DEADLINE_MS, "reading the erasures", waitUntil);
  return read.then((set) => set !== null && isAmong(set, userId));
}

/** Whether this isolate knows, without asking anyone, that a user was not erased. */
export function isKnownUnerased(kv: KVNamespace, userId: string, waitUntil: WaitUntil): boolean {
  const held = tombstonesIn(kv).held(waitUntil);
  return held !== null && !isAmong(held, userId);
}

function isAmong(tombstones: ReadonlySet<string>, userId: string): boolean {
  return tombstones.size > 0 && tombstones.has(tombstoneOf(userId));
}

/** Lets this isolate see an erasure that it has just made. */
export function forgetTombstones(kv: KVNamespace): void {
  kept.delete(kv);
}

function tombstonesIn(kv: KVNamespace): RefreshedKey<ReadonlySet<string>> {
  const known = kept.get(kv);
  if (known !== undefined) return known;
  const options = { type: "json", cacheTtl: KV_MIN_CACHE_TTL_SECONDS } as const;
  const read = async () => new Set(await kv.get<string[]>(TOMBSTONES_KEY, options));
  const made = new RefreshedKey<ReadonlySet<string>>(read, REFRESH_MS);
  kept.set(kv, made);
  return made;
}
