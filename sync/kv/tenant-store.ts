import { TENANTS_KEY } from "../../release/keys.ts";
import {
  parseTenantQuotas,
  type Tenants,
  tenantPrefix,
  tenantsText,
} from "../../release/tenant.ts";
import type { KvStore } from "./store.ts";

/** A tenant's keys alone, by the names that they have without a tenant. */
export function tenantStore(store: KvStore, tenant: string): KvStore {
  const own = tenantPrefix(tenant);
  return {
    async *list(prefix) {
      for await (const entry of store.list(own + prefix)) {
        yield { ...entry, key: entry.key.slice(own.length) };
      }
    },
    write: (values) => store.write(values.map((value) => ({ ...value, key: own + value.key }))),
    read: (key) => store.read(own + key),
    delete: (keys) => store.delete(keys.map((key) => own + key)),
  };
}

/** The tenants of a deployment, ascending, with their quotas. @throws UsherError `TENANTS_INVALID`. */
export async function readTenants(deployment: KvStore): Promise<Tenants> {
  const bytes = await deployment.read(TENANTS_KEY);
  return parseTenantQuotas(bytes === null ? null : new TextDecoder().decode(bytes));
}

/** One write: within about a minute every Worker knows. @throws UsherError `TENANTS_INVALID` before it. */
export async function writeTenants(deployment: KvStore, tenants: Tenants): Promise<void> {
  const text = tenantsText([...tenants.keys()], tenants);
  // What no Worker could read would take every tenant away.
  parseTenantQuotas(text);
  const bytes = new TextEncoder().encode(text);
  await deployment.write([{ key: TENANTS_KEY, bytes }]);
}
