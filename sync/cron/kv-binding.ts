import { KV_MIN_CACHE_TTL_SECONDS } from "../../release/limits.ts";
import { tenantPrefix } from "../../release/tenant.ts";
import type { ListsStore } from "./lists/store.ts";

/**
 * The cron Worker's store over its KV binding; what it reads is as fresh as KV allows.
 *
 * @param tenant whose keys alone it sees, by the names that they have without a tenant.
 */
export function kvBinding(kv: KVNamespace, tenant: string | null = null): ListsStore {
  const cacheTtl = KV_MIN_CACHE_TTL_SECONDS;
  const own = tenant === null ? "" : tenantPrefix(tenant);
  const page = async (prefix: string, cursor: string | null) => {
    const found = await kv.list({ prefix: own + prefix, ...(cursor === null ? {} : { cursor }) });
    const entries = found.keys.map(({ name, metadata }) => {
      return { key: name.slice(own.length), metadata };
    });
    return { entries, cursor: found.list_complete ? null : found.cursor };
  };
  return {
    text: (key) => kv.get(own + key, { type: "text", cacheTtl }),
    bytes: (key) => kv.get(own + key, { type: "arrayBuffer", cacheTtl }),
    put: (key, text) => kv.put(own + key, text),
    delete: (key) => kv.delete(own + key),
    list: async (prefix, cursor) => {
      const { entries, cursor: next } = await page(prefix, cursor);
      return { keys: entries.map(({ key }) => key), cursor: next };
    },
    putShard: (key, value, metadata) => kv.put(own + key, value, { metadata }),
    listWithMetadata: page,
  };
}
