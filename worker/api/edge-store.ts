import { CatalogueView } from "../../release/catalogue.ts";
import { UsherError } from "../../release/error.ts";
import { hashId, type IdHash } from "../../release/hash.ts";
import {
  catalogueKey,
  manifestKey,
  POINTER_KEY,
  shardKey,
  TRENDING_KEY,
} from "../../release/keys.ts";
import { KV_MIN_CACHE_TTL_SECONDS } from "../../release/limits.ts";
import { type Manifest, parseManifest } from "../../release/manifest.ts";
import { type Pointer, parsePointer, parseTrending, type Trending } from "../../release/pointer.ts";
import { ShardView, shardOf } from "../../release/shard.ts";
import { ByteBoundedCache } from "./byte-bounded-cache.ts";

/** A release as this isolate holds it: its manifest and its catalogue, read in place. */
export interface ServedRelease {
  readonly id: string;
  readonly manifest: Manifest;
  readonly catalogue: CatalogueView;
}

/** A user's precomputed list: item indices of the release's catalogue, best first. */
export interface UserList {
  readonly shard: ShardView;
  readonly row: number;
}

/** Immutable values may stay in the location's cache for a day. */
const IMMUTABLE_TTL_SECONDS = 86_400;
/** Shards kept in this isolate, in bytes: a fifth of the 128 MB that it may use. */
const SHARD_BYTES = 24 * 1024 * 1024;
/** Releases kept: the arms of an experiment, and the one before a flip. */
const RELEASES_KEPT = 4;
const TRENDING_REFRESH_MS = 60_000;

interface Kept<T> {
  readonly value: T;
  readonly readAt: number;
}

/**
 * The releases as one isolate sees them: a mutable pointer, and immutable values behind it.
 *
 * What is in memory is answered at once, without a promise; a stale pointer is used as it is and
 * refreshed behind the answer. Each request does its own reads: a promise that belongs to another
 * request may never settle once that request is gone.
 */
export class EdgeStore {
  readonly #kv: KVNamespace;
  readonly #pointerRefreshMs: number;
  readonly #releases = new Map<string, ServedRelease>();
  readonly #shards = new ByteBoundedCache<ShardView>(SHARD_BYTES);
  #pointer: Kept<Pointer> | null = null;
  #trending: Kept<Trending | null> | null = null;

  constructor(kv: KVNamespace, pointerRefreshMs: number) {
    this.#kv = kv;
    this.#pointerRefreshMs = pointerRefreshMs;
  }

  /** What serves now, or null when nothing has been activated yet. */
  pointer(waitUntil: (work: Promise<unknown>) => void): Pointer | Promise<Pointer | null> {
    const kept = this.#pointer;
    if (kept === null) return this.#readPointer();
    const now = Date.now();
    if (now - kept.readAt > this.#pointerRefreshMs) {
      // Claimed before the read, so that a hundred requests at once do not all refresh.
      this.#pointer = { value: kept.value, readAt: now };
      waitUntil(this.#readPointer().catch(() => {}));
    }
    return kept.value;
  }

  async #readPointer(): Promise<Pointer | null> {
    const text = await this.#kv.get(POINTER_KEY, {
      type: "text",
      cacheTtl: KV_MIN_CACHE_TTL_SECONDS,
    });
    if (text === null) return null;
    const value = parsePointer(text);
    this.#pointer = { value, readAt: Date.now() };
    return value;
  }

  /** The manifest and catalogue of a release. */
  release(id: string): ServedRelease | Promise<ServedRelease> {
    return this.#releases.get(id) ?? this.#readRelease(id);
  }

  async #readRelease(id: string): Promise<ServedRelease> {
    const [text, bytes] = await Promise.all([
      this.#kv.get(manifestKey(id), { type: "text", cacheTtl: IMMUTABLE_TTL_SECONDS }),
      this.#kv.get(catalogueKey(id), { type: "arrayBuffer", cacheTtl: IMMUTABLE_TTL_SECONDS }),
    ]);
    if (text === null || bytes === null) {
      throw new UsherError("RELEASE_NOT_IN_KV", `KV has no manifest or catalogue of ${id}.`);
    }
    const served = { id, manifest: parseManifest(text), catalogue: CatalogueView.from(bytes) };
    this.#releases.set(id, served);
    const oldest = this.#releases.keys().next().value;
    if (this.#releases.size > RELEASES_KEPT && oldest !== undefined) this.#releases.delete(oldest);
    return served;
  }

  /** The user's list in a release, or null for a user whom the release does not know. */
  list(release: ServedRelease, userId: string): UserList | null | Promise<UserList | null> {
    const { shardCount, hashSeed } = release.manifest.lists;
    const hash = hashId(userId, hashSeed);
    const key = shardKey(release.id, shardOf(hash, shardCount));
    const kept = this.#shards.get(key);
    return kept === undefined ? this.#readList(key, hash) : find(kept, hash);
  }

  async #readList(key: string, hash: IdHash): Promise<UserList | null> {
    const bytes = await this.#kv.get(key, {
      type: "arrayBuffer",
      cacheTtl: IMMUTABLE_TTL_SECONDS,
    });
    if (bytes === null) throw new UsherError("SHARD_NOT_IN_KV", `KV has no value at ${key}.`);
    const shard = ShardView.from(bytes);
    this.#shards.set(key, shard, bytes.byteLength);
    return find(shard, hash);
  }

  /** What the cron Worker last found trending, or null before its first run. */
  trending(waitUntil: (work: Promise<unknown>) => void): MaybePromise<Trending | null> {
    const kept = this.#trending;
    if (kept === null) return this.#readTrending();
    const now = Date.now();
    if (now - kept.readAt > TRENDING_REFRESH_MS) {
      this.#trending = { value: kept.value, readAt: now };
      waitUntil(this.#readTrending().catch(() => {}));
    }
    return kept.value;
  }

  async #readTrending(): Promise<Trending | null> {
    const text = await this.#kv.get(TRENDING_KEY, { type: "text", cacheTtl: 60 });
    const value = text === null ? null : parseTrending(text);
    this.#trending = { value, readAt: Date.now() };
    return value;
  }
}

type MaybePromise<T> = T | Promise<T>;

function find(shard: ShardView, hash: IdHash): UserList | null {
  const row = shard.find(hash);
  return row < 0 ? null : { shard, row };
}

let shared: EdgeStore | null = null;

/** This isolate's one store. */
export function edgeStore(env: {
  readonly RELEASES: KVNamespace;
  readonly POINTER_REFRESH_SECONDS: string;
}): EdgeStore {
  shared ??= new EdgeStore(env.RELEASES, Number(env.POINTER_REFRESH_SECONDS) * 1000);
  return shared;
}
