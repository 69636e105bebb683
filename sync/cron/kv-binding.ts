import { KV_MIN_CACHE_TTL_SECONDS } from "../../release/limits.ts";
import type { ListsStore } from "./lists/store.ts";

/** The cron Worker's store over its KV binding; what it reads is as fresh as KV allows. */
export function kvBinding(kv: KVNamespace): ListsStore {
  const cacheTtl = KV_MIN_CACHE_TTL_SECONDS;
  return {
    text: (key) => kv.get(key, { type: "text", cacheTtl }),
    bytes: (key) => kv.get(key, { type: "arrayBuffer", cacheTtl }),
    put: (key, text) => kv.put(key, text),
    delete: (key) => kv.delete(key),
    list: async (prefix, cursor) => {
      const page = await kv.list({ prefix, ...(cursor === null ? {} : { cursor }) });
      const keys = page.keys.map((key) => key.name);
      return { keys, cursor: page.list_complete ? null : page.cursor };
    },
    putShard: (key, value, metadata) => kv.put(key, value, { metadata }),
    listWithMetadata: async (prefix, cursor) => {
      const page = await kv.list({ prefix, ...(cursor === null ? {} : { cursor }) });
      const entries = page.keys.map(({ name, metadata }) => ({ key: name, metadata }));
      return { entries, cursor: page.list_complete ? null : page.cursor };
    },
  };
}
