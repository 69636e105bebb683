/** The mutable keys of Workers KV, read together: what operators look at. */
import { POINTER_KEY, REFUSED_KEY, STAGED_KEY, TRENDING_KEY } from "./keys.ts";
import {
  type Pointer,
  parsePointer,
  parseRefused,
  parseStaged,
  parseTrending,
  type Refused,
  type Staged,
  type Trending,
} from "./pointer.ts";

/** What serves, what waits, what was refused last and what trends; null where there is none. */
export interface ControlKeys {
  readonly pointer: Pointer | null;
  readonly staged: Staged | null;
  readonly refused: Refused | null;
  readonly trending: Trending | null;
}

/**
 * @param readText gives a key's value, null when there is none: over REST, or from a binding.
 * @throws UsherError `POINTER_INVALID` and its like for a key that holds something else.
 */
export async function readControlKeys(
  readText: (key: string) => Promise<string | null>,
): Promise<ControlKeys> {
  const read = async <T>(key: string, parse: (text: string) => T): Promise<T | null> => {
    const text = await readText(key);
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
