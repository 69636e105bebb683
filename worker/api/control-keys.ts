/** The mutable keys of Workers KV through the binding, as operators see and change them. */
import { type ControlKeys, readControlKeys } from "../../release/control-keys.ts";
import { POINTER_KEY, STAGED_KEY } from "../../release/keys.ts";
import { KV_MIN_CACHE_TTL_SECONDS } from "../../release/limits.ts";
import type { Pointer, Staged } from "../../release/pointer.ts";

export function controlKeysIn(kv: KVNamespace): Promise<ControlKeys> {
  const options = { type: "text", cacheTtl: KV_MIN_CACHE_TTL_SECONDS } as const;
  return readControlKeys((key) => kv.get(key, options));
}

/** Within KV's minute everybody is served by it. */
export function writePointer(kv: KVNamespace, pointer: Pointer): Promise<void> {
  return kv.put(POINTER_KEY, JSON.stringify(pointer));
}

/** From then on the release waits for the cron Worker, which verifies it before it serves. */
export function writeStaged(kv: KVNamespace, staged: Staged): Promise<void> {
  return kv.put(STAGED_KEY, JSON.stringify(staged));
}
