import { TOMBSTONES_KEY } from "../../release/keys.ts";
import { KV_MIN_CACHE_TTL_SECONDS } from "../../release/limits.ts";
import { tombstoneOf } from "../../release/tombstone.ts";

const REFRESH_MS = 10_000;

let kept: { readonly tombstones: ReadonlySet<string>; readonly readAt: number } | null = null;

/**
 * Whether a user was erased and a release may still hold a list of theirs: it must not be served.
 *
 * Answered from this isolate's memory, without a promise; a stale set is refreshed behind the answer,
 * so an erasure holds everywhere within about a minute.
 */
export function isErased(
  kv: KVNamespace,
  userId: string,
  waitUntil: (work: Promise<unknown>) => void,
): boolean | Promise<boolean> {
  if (kept === null) return refresh(kv).then((tombstones) => tombstones.has(tombstoneOf(userId)));
  const now = Date.now();
  if (now - kept.readAt > REFRESH_MS) {
    // Claimed before the read, so that a hundred requests at once do not all refresh.
    kept = { tombstones: kept.tombstones, readAt: now };
    waitUntil(refresh(kv).catch(() => {}));
  }
  return kept.tombstones.size > 0 && kept.tombstones.has(tombstoneOf(userId));
}

/** Lets this isolate see an erasure that it has just made. */
export function forgetTombstones(): void {
  kept = null;
}

async function refresh(kv: KVNamespace): Promise<ReadonlySet<string>> {
  const list = await kv.get<string[]>(TOMBSTONES_KEY, {
    type: "json",
    cacheTtl: KV_MIN_CACHE_TTL_SECONDS,
  });
  const tombstones = new Set(list ?? []);
  kept = { tombstones, readAt: Date.now() };
  return tombstones;
}
