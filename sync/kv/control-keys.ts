/** The mutable keys of Workers KV, as the commands read and write them. */
import { POINTER_KEY, REFUSED_KEY, STAGED_KEY, TRENDING_KEY } from "../../release/keys.ts";
import {
  type Pointer,
  parsePointer,
  parseRefused,
  parseStaged,
  parseTrending,
  type Refused,
  type Staged,
  type Trending,
} from "../../release/pointer.ts";
import type { KvStore } from "./store.ts";

/** What is served, what waits, what was refused, what trends; null where there is none. */
export interface ControlKeys {
  readonly pointer: Pointer | null;
  readonly staged: Staged | null;
  readonly refused: Refused | null;
  readonly trending: Trending | null;
}

/** @throws UsherError `POINTER_INVALID` and its like for a key that holds something else. */
export async function readControlKeys(store: KvStore): Promise<ControlKeys> {
  const read = async <T>(key: string, parse: (text: string) => T): Promise<T | null> => {
    const bytes = await store.read(key);
    return bytes === null ? null : parse(new TextDecoder().decode(bytes));
  };
  const [pointer, staged, refused, trending] = await Promise.all([
    read(POINTER_KEY, parsePointer),
    read(STAGED_KEY, parseStaged),
    read(REFUSED_KEY, parseRefused),
    read(TRENDING_KEY, parseTrending),
  ]);
  return { pointer, staged, refused, trending };
}

/** One write: from then on, within KV's minute, it is what everybody is served by. */
export async function writePointer(store: KvStore, pointer: Pointer): Promise<void> {
  await store.write([
    { key: POINTER_KEY, bytes: new TextEncoder().encode(JSON.stringify(pointer)) },
  ]);
}
