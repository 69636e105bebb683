/** The mutable keys of Workers KV over REST, as the commands read and write them. */
import { type ControlKeys, readControlKeys } from "../../release/control-keys.ts";
import { POINTER_KEY } from "../../release/keys.ts";
import type { Pointer } from "../../release/pointer.ts";
import type { KvStore } from "./store.ts";

export function controlKeysIn(store: KvStore): Promise<ControlKeys> {
  return readControlKeys(async (key) => {
    const bytes = await store.read(key);
    return bytes === null ? null : new TextDecoder().decode(bytes);
  });
}

/** One write: from then on, within KV's minute, it is what everybody is served by. */
export async function writePointer(store: KvStore, pointer: Pointer): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(pointer));
  await store.write([{ key: POINTER_KEY, bytes }]);
}
