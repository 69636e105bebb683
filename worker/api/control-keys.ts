/** The mutable keys of Workers KV, as operators see and change them. */
import { POINTER_KEY, REFUSED_KEY, STAGED_KEY, TRENDING_KEY } from "../../release/keys.ts";
import { KV_MIN_CACHE_TTL_SECONDS } from "../../release/limits.ts";
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

/** What serves, what waits, what was refused last and what trends; null where there is none. */
export interface ControlKeys {
  readonly pointer: Pointer | null;
  readonly staged: Staged | null;
  readonly refused: Refused | null;
  readonly trending: Trending | null;
}

export async function readControlKeys(kv: KVNamespace): Promise<ControlKeys> {
  const read = async <T>(key: string, parse: (text: string) => T): Promise<T | null> => {
    const text = await kv.get(key, { type: "text", cacheTtl: KV_MIN_CACHE_TTL_SECONDS });
    return text === null ? null : parse(text);
  };
  const [pointer, staged, refused, trending] = await Promise.all([
    read(POINTER_KEY, parsePointer),
    read(STAGED_KEY, parseStaged),
    read(REFUSED_KEY, parseRefused),
    read(TRENDING_KEY, parseTrending),
  ]);
  return { pointer, staged, refused, trending };
}

/** Within KV's minute everybody is served by it. */
export function writePointer(kv: KVNamespace, pointer: Pointer): Promise<void> {
  return kv.put(POINTER_KEY, JSON.stringify(pointer));
}

/** From then on the release waits for the cron Worker, which verifies it before it serves. */
export function writeStaged(kv: KVNamespace, staged: Staged): Promise<void> {
  return kv.put(STAGED_KEY, JSON.stringify(staged));
}
