/** The mutable keys of Workers KV through the binding, as operators see and change them. */
import { type ControlKeys, readControlKeys } from "../../release/control-keys.ts";
import { POINTER_KEY, STAGED_KEY } from "../../release/keys.ts";
import { KV_MIN_CACHE_TTL_SECONDS } from "../../release/limits.ts";
import type { Pointer, Staged } from "../../release/pointer.ts";
import { Problem } from "./problem.ts";

export function controlKeysIn(kv: KVNamespace): Promise<ControlKeys> {
  const options = { type: "text", cacheTtl: KV_MIN_CACHE_TTL_SECONDS } as const;
  return readControlKeys((key) => kv.get(key, options));
}

/** Within KV's minute everybody is served by it. @throws Problem 503 `KV_UNAVAILABLE`. */
export function writePointer(kv: KVNamespace, pointer: Pointer): Promise<void> {
  return write(kv, POINTER_KEY, pointer);
}

/**
 * From then on the release waits for the cron Worker, which verifies it before it serves.
 *
 * @throws Problem 503 `KV_UNAVAILABLE`.
 */
export function writeStaged(kv: KVNamespace, staged: Staged): Promise<void> {
  return write(kv, STAGED_KEY, staged);
}

async function write(kv: KVNamespace, key: string, value: Pointer | Staged): Promise<void> {
  try {
    await kv.put(key, JSON.stringify(value));
  } catch (error) {
    console.error(JSON.stringify({ kv: "not written", key, error: (error as Error).message }));
    const message =
      "Workers KV did not take the change; it takes one a second. Send the same request again.";
    const headers = { "retry-after": "2" };
    throw new Problem(503, "KV_UNAVAILABLE", message, { headers });
  }
}
