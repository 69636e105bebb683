import { POINTER_KEY } from "../../release/keys.ts";
import { armOf, parsePointer } from "../../release/pointer.ts";
import type { MemoryKv } from "../memory-kv.ts";
import { ReleaseLists } from "../release-lists.ts";

/** What a user is served: by which release, which items. */
export interface ServedList {
  readonly release: string;
  readonly items: readonly string[];
}

/** Reads a user's list out of KV: pointer, manifest, catalogue, shard. */
export async function servedList(kv: MemoryKv, user: string): Promise<ServedList> {
  const read = async (key: string) => {
    const value = await kv.get(key);
    if (value === null) throw new Error(`KV has no ${key}`);
    return value;
  };
  const pointer = parsePointer(new TextDecoder().decode(await read(POINTER_KEY)));
  const release = armOf(pointer, user);
  const items = await (await ReleaseLists.open(read, release)).listOf(user);
  if (items === null) throw new Error(`${release} has no list for ${user}`);
  return { release, items };
}
