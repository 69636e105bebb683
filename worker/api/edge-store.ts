import { assignmentOf, type Exposure } from "../../experiments/assignment.ts";
import { hashId } from "../../release/hash.ts";
import {
  modelKey,
  POINTER_KEY,
  profileShardKey,
  shardKey,
  TRENDING_KEY,
} from "../../release/keys.ts";
import { KV_MIN_CACHE_TTL_SECONDS } from "../../release/limits.ts";
import type { UnpackedProfile } from "../../release/packed-profile.ts";
import {
  armOf,
  type Pointer,
  parsePointer,
  parseTrending,
  type Trending,
} from "../../release/pointer.ts";
import { ProfileShardView } from "../../release/profiles.ts";
import type { Scan } from "../../release/scan.ts";
import { ShardView, shardOf } from "../../release/shard.ts";
import { nameApart } from "../../release/tenant.ts";
import { ByteBoundedCache, type ByteBoundedPart } from "./byte-bounded-cache.ts";
import { inTime, type WaitUntil } from "./deadline.ts";
import type { ApiEnv } from "./environment.ts";
import { fallbackRelease } from "./fallback-list.ts";
import { readMutable, readRelease, readScan, readShard, type Weighed } from "./read-values.ts";
import { RefreshedKey } from "./refreshed-key.ts";
import type { ServedRelease } from "./served-release.ts";

/** A list that this isolate holds, of which release, and the experiments that its user is in. */
export interface HeldList extends UserList {
  readonly release: ServedRelease;
  readonly exposures: readonly Exposure[];
}

/** A user's precomputed list: item indices of the release's catalogue, best first. */
export interface UserList {
  readonly shard: ShardView;
  readonly row: number;
}

export type MaybePromise<T> = T | Promise<T>;

/** What this isolate keeps of immutable values. */
type Resident = ServedRelease | ShardView | ProfileShardView | Scan;

const NOTHING_TRIED: readonly Exposure[] = [];

const TRENDING_TTL_SECONDS = 60;
/** Kept in this isolate of the 128 MB that it may use: releases, models, shards. */
const RESIDENT_BYTES = 64 * 1024 * 1024;
const TRENDING_REFRESH_MS = 60_000;
/** Waits before an answer goes around what is slow, in milliseconds. */
const DEADLINES = {
  pointer: 500,
  release: 1_000,
  list: 150,
  profile: 200,
  model: 500,
  trending: 150,
};

/**
 * The releases as one isolate sees them: a mutable pointer, and immutable values behind it.
 *
 * What is in memory is answered at once, without a promise; a stale pointer is used as it is and
 * refreshed behind the answer. Each request does its own reads: a promise that belongs to another
 * request may never settle once that request is gone. A read that misses its deadline throws, goes
 * on behind the answer, and is there for the next one.
 */
export class EdgeStore {
  readonly #kv: KVNamespace;
  readonly #refreshMs: number;
  readonly #resident: ByteBoundedPart<Resident>;
  readonly #pointer: RefreshedKey<Pointer>;
  readonly #trending: RefreshedKey<Trending>;
  /** What answers when no release can be read; null where the bundle has nothing of this catalogue. */
  readonly fallback: () => ServedRelease | null;

  constructor(
    kv: KVNamespace,
    pointerRefreshMs: number,
    resident: ByteBoundedPart<Resident> = new ByteBoundedCache(RESIDENT_BYTES),
    fallback: () => ServedRelease | null = fallbackRelease,
  ) {
    this.#kv = kv;
    this.#refreshMs = pointerRefreshMs;
    this.#resident = resident;
    this.fallback = fallback;
    this.#pointer = new RefreshedKey(
      () => readMutable(kv, POINTER_KEY, KV_MIN_CACHE_TTL_SECONDS, parsePointer),
      pointerRefreshMs,
    );
    this.#trending = new RefreshedKey(
      () => readMutable(kv, TRENDING_KEY, TRENDING_TTL_SECONDS, parseTrending),
      TRENDING_REFRESH_MS,
    );
  }

  /**
   * A tenant's store. All catalogues share one isolate's memory: whoever is asked most has most of it.
   * The list in the bundle is of the deployment's own catalogue, and no tenant is answered with it.
   *
   * @param kv the tenant's keys alone.
   */
  ofTenant(tenant: string, kv: KVNamespace): EdgeStore {
    const part = this.#resident.part((key) => nameApart(tenant, key));
    return new EdgeStore(kv, this.#refreshMs, part, () => null);
  }

  /** What serves now, or null when nothing has been activated yet. */
  pointer(waitUntil: WaitUntil): MaybePromise<Pointer | null> {
    const held = this.#pointer.held(waitUntil);
    if (held !== null) return held;
    return inTime(this.#pointer.fetch(), DEADLINES.pointer, "the pointer", waitUntil);
  }

  /** The release that serves a user by the pointer that this isolate holds; null while it has none. */
  heldArm(userId: string, waitUntil: WaitUntil): string | null {
    const pointer = this.#pointer.held(waitUntil);
    return pointer === null ? null : assignmentOf(pointer, userId).release;
  }

  /** What the cron Worker last found trending, or null before its first run. */
  trending(waitUntil: WaitUntil): MaybePromise<Trending | null> {
    const held = this.#trending.held(waitUntil);
    if (held !== null) return held;
    return inTime(this.#trending.fetch(), DEADLINES.trending, "what is trending", waitUntil);
  }

  /**
   * The user's list when this isolate holds all that it takes, else null: what a warm isolate answers
   * most, without a promise and without beginning a read.
   */
  heldList(userId: string, waitUntil: WaitUntil): HeldList | null {
    const pointer = this.#pointer.held(waitUntil);
    if (pointer === null) return null;
    const tried = pointer.experiments !== undefined || pointer.parameters !== undefined;
    // Most of the time nothing is tried, and the release is all there is to know.
    if (!tried) return this.#heldIn(armOf(pointer, userId), userId, NOTHING_TRIED);
    const { release, rival, diversity, exposures } = assignmentOf(pointer, userId);
    // These lists are not those that were precomputed.
    if (rival !== null || diversity > 0) return null;
    return this.#heldIn(release, userId, exposures);
  }

  #heldIn(id: string, userId: string, exposures: readonly Exposure[]): HeldList | null {
    const release = this.#resident.get(id) as ServedRelease | undefined;
    if (release === undefined || release.manifest === null) return null;
    const { shardCount, hashSeed } = release.manifest.lists;
    const hash = hashId(userId, hashSeed);
    const key = shardKey(release.id, shardOf(hash, shardCount));
    const shard = this.#resident.get(key) as ShardView | undefined;
    const row = shard?.find(hash) ?? -1;
    return row < 0 ? null : { release, shard: shard!, row, exposures };
  }

  /** The manifest and catalogue of a release. */
  release(id: string, waitUntil: WaitUntil): MaybePromise<ServedRelease> {
    const kept = this.#resident.get(id) as ServedRelease | undefined;
    if (kept !== undefined) return kept;
    const reading = this.#kept(id, readRelease(this.#kv, id));
    return inTime(reading, DEADLINES.release, `release ${id}`, waitUntil);
  }

  /** The user's list in a release, or null for a user whom the release does not know. */
  list(
    release: ServedRelease,
    userId: string,
    waitUntil: WaitUntil,
  ): MaybePromise<UserList | null> {
    if (release.manifest === null) return null;
    const { shardCount, hashSeed } = release.manifest.lists;
    const hash = hashId(userId, hashSeed);
    const key = shardKey(release.id, shardOf(hash, shardCount));
    const find = (shard: ShardView) => {
      const row = shard.find(hash);
      return row < 0 ? null : { shard, row };
    };
    const kept = this.#resident.get(key) as ShardView | undefined;
    if (kept !== undefined) return find(kept);
    const reading = this.#kept(key, readShard(this.#kv, key, ShardView.from));
    return inTime(reading, DEADLINES.list, key, waitUntil).then(find);
  }

  /** What a user interacted with before the release, or null when the release does not say. */
  profile(
    release: ServedRelease,
    userId: string,
    waitUntil: WaitUntil,
  ): MaybePromise<UnpackedProfile | null> {
    const { manifest } = release;
    if (manifest?.profiles === undefined) return null;
    const hash = hashId(userId, manifest.lists.hashSeed);
    const key = profileShardKey(release.id, shardOf(hash, manifest.profiles.shardCount));
    const find = (shard: ProfileShardView) => {
      const row = shard.find(hash);
      return row < 0 ? null : shard.profile(row);
    };
    const kept = this.#resident.get(key) as ProfileShardView | undefined;
    if (kept !== undefined) return find(kept);
    const reading = this.#kept(key, readShard(this.#kv, key, ProfileShardView.from));
    return inTime(reading, DEADLINES.profile, key, waitUntil).then(find);
  }

  /** The release's model, ready to score. */
  scan(release: ServedRelease, waitUntil: WaitUntil): MaybePromise<Scan> {
    const key = modelKey(release.id, 0);
    const kept = this.#resident.get(key) as Scan | undefined;
    if (kept !== undefined) return kept;
    const reading = this.#kept(key, readScan(this.#kv, release));
    return inTime(reading, DEADLINES.model, "the model", waitUntil);
  }

  /** What was read stays in this isolate, however late it came. */
  async #kept<Value extends Resident>(
    key: string,
    reading: Promise<Weighed<Value>>,
  ): Promise<Value> {
    const { value, bytes } = await reading;
    this.#resident.set(key, value, bytes);
    return value;
  }
}

type StoreEnv = Pick<ApiEnv, "RELEASES" | "POINTER_REFRESH_SECONDS" | "TENANT">;

const stores = new WeakMap<KVNamespace, EdgeStore>();

/** This isolate's one store over a KV namespace. */
export function edgeStore(env: StoreEnv): EdgeStore {
  const known = stores.get(env.RELEASES);
  if (known !== undefined) return known;
  const { RELEASES, POINTER_REFRESH_SECONDS, TENANT } = env;
  const store =
    TENANT === undefined
      ? new EdgeStore(RELEASES, Number(POINTER_REFRESH_SECONDS) * 1000)
      : edgeStore(TENANT.deployment).ofTenant(TENANT.name, RELEASES);
  stores.set(RELEASES, store);
  return store;
}
