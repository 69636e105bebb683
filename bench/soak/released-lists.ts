import { CatalogueView } from "../../release/catalogue.ts";
import { hashId } from "../../release/hash.ts";
import { catalogueKey, manifestKey, shardKey } from "../../release/keys.ts";
import { parseManifest } from "../../release/manifest.ts";
import { ShardView, shardOf } from "../../release/shard.ts";
import type { KvStore } from "../../sync/kv/store.ts";

/** What one release has for anybody, read out of KV by FORMAT.md, beside the Worker's own reader. */
export interface ReleasedLists {
  /** Ids of the whole catalogue. */
  readonly itemIds: ReadonlySet<string>;
  /** A user's list, best first; null for a user whom the release does not know. */
  of(userId: string): readonly string[] | null;
}

/** Reads releases once each, when an answer first names them. */
export class ReleasedListsReader {
  readonly #kv: KvStore;
  readonly #read = new Map<string, Promise<ReleasedLists>>();

  constructor(kv: KvStore) {
    this.#kv = kv;
  }

  of(release: string): Promise<ReleasedLists> {
    const known = this.#read.get(release) ?? readLists(this.#kv, release);
    this.#read.set(release, known);
    return known;
  }
}

async function readLists(kv: KvStore, release: string): Promise<ReleasedLists> {
  const { lists } = parseManifest(
    new TextDecoder().decode(await valueAt(kv, manifestKey(release))),
  );
  const catalogue = CatalogueView.from(await valueAt(kv, catalogueKey(release)));
  const shards: ShardView[] = [];
  for (let shard = 0; shard < lists.shardCount; shard++) {
    shards.push(ShardView.from(await valueAt(kv, shardKey(release, shard))));
  }
  return {
    itemIds: new Set(Array.from({ length: catalogue.length }, (_, item) => catalogue.id(item))),
    of(userId) {
      const hash = hashId(userId, lists.hashSeed);
      const shard = shards[shardOf(hash, lists.shardCount)]!;
      const row = shard.find(hash);
      return row < 0 ? null : Array.from(shard.items(row), (item) => catalogue.id(item));
    },
  };
}

async function valueAt(kv: KvStore, key: string): Promise<ArrayBuffer> {
  const value = await kv.read(key);
  if (value === null) throw new Error(`KV has no ${key}`);
  return value;
}
