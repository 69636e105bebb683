import { CatalogueView } from "../../release/catalogue.ts";
import { hashId } from "../../release/hash.ts";
import { catalogueKey, manifestKey, POINTER_KEY, shardKey } from "../../release/keys.ts";
import { parseManifest } from "../../release/manifest.ts";
import { armOf, parsePointer } from "../../release/pointer.ts";
import { ShardView, shardOf } from "../../release/shard.ts";
import type { MemoryKv } from "../memory-kv.ts";

/** What a user is served: by which release, which items. */
export interface ServedList {
  readonly release: string;
  readonly items: readonly string[];
}

/** Reads a user's list out of KV by FORMAT.md: pointer, manifest, shard, catalogue. */
export async function servedList(kv: MemoryKv, user: string): Promise<ServedList> {
  const release = armOf(parsePointer(await textAt(kv, POINTER_KEY)), user);
  const { lists } = parseManifest(await textAt(kv, manifestKey(release)));
  const hash = hashId(user, lists.hashSeed);
  const key = shardKey(release, shardOf(hash, lists.shardCount));
  const shard = ShardView.from(await valueAt(kv, key));
  const catalogue = CatalogueView.from(await valueAt(kv, catalogueKey(release)));
  const row = shard.find(hash);
  if (row < 0) throw new Error(`${release} has no list for ${user}`);
  return { release, items: Array.from(shard.items(row), (item) => catalogue.id(item)) };
}

async function valueAt(kv: MemoryKv, key: string): Promise<ArrayBuffer> {
  const value = await kv.get(key);
  if (value === null) throw new Error(`KV has no ${key}`);
  return value;
}

async function textAt(kv: MemoryKv, key: string): Promise<string> {
  return new TextDecoder().decode(await valueAt(kv, key));
}
