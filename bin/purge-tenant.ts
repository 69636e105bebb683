import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dropTenantDatabase, findTenantDatabase } from "../drizzle/tenant-database.ts";
import { checkedTenant, tenantPrefix } from "../release/tenant.ts";
import { readTenants } from "../sync/kv/tenant-store.ts";
import { count, size } from "./quantities.ts";
import { snapshotBucket } from "./snapshot-store.ts";
import type { Surroundings } from "./surroundings.ts";
import { removeTenant, tenantHome } from "./tenant-surroundings.ts";

/** One thing that a tenant leaves, and how it goes; doing that again is harmless. */
export interface Leftover {
  /** For people. */
  readonly what: string;
  readonly remove: () => Promise<void>;
  /** How long it takes until everybody knows that it is gone, in ms. */
  readonly settleMs?: number;
}

/** KV shows a write everywhere within a minute, and an isolate reads the names anew after another. */
const FORGOTTEN_MS = 120_000;

/** Keys that go with one request, and after which a purge that is stopped goes on. */
const KEYS_AT_ONCE = 1_000;

/**
 * All that there is of a tenant, in the order in which it may go: its name first, so that nothing more is
 * answered and written; then what it holds. Empty when it is wholly gone, or never was.
 *
 * @throws UsherError `TENANT_NAME`.
 */
export async function leftoversOf(
  deployment: Surroundings,
  tenant: string,
): Promise<readonly Leftover[]> {
  checkedTenant(tenant);
  const found = [
    await nameOf(deployment, tenant),
    await databaseOf(deployment, tenant),
    await keysOf(deployment, tenant),
    await snapshotsOf(tenant),
    folderOf(deployment, tenant),
  ];
  return found.filter((leftover) => leftover !== null);
}

async function nameOf(deployment: Surroundings, tenant: string): Promise<Leftover | null> {
  if (!(await readTenants(deployment.kv)).has(tenant)) return null;
  return {
    what: `the name ${tenant}: nothing answers at /t/${tenant}/ any more`,
    remove: () => removeTenant(deployment, tenant),
    settleMs: deployment.place === "deployed" ? FORGOTTEN_MS : 0,
  };
}

async function databaseOf(deployment: Surroundings, tenant: string): Promise<Leftover | null> {
  const { url, database } = deployment.tenantDatabase(tenant);
  await database.close();
  const found = await findTenantDatabase(deployment.database, url);
  if (found === null) return null;
  return {
    what: `the database ${found.name}: ${size(found.bytes)}`,
    remove: () => dropTenantDatabase(deployment.database, url),
  };
}

async function keysOf({ kv }: Surroundings, tenant: string): Promise<Leftover | null> {
  const prefix = tenantPrefix(tenant);
  const keys: string[] = [];
  for await (const { key } of kv.list(prefix)) keys.push(key);
  if (keys.length === 0) return null;
  return {
    what: `${count(keys.length)} keys of Workers KV below ${prefix}`,
    remove: async () => {
      for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
        await kv.delete(keys.slice(at, at + KEYS_AT_ONCE));
      }
    },
  };
}

/** Of the bucket, where the environment names one; those of this machine are in the tenant's folder. */
async function snapshotsOf(tenant: string): Promise<Leftover | null> {
  const bucket = snapshotBucket(tenant);
  if (bucket === null) return null;
  const keys = await bucket.list("");
  if (keys.length === 0) return null;
  return {
    what: `${count(keys.length)} files of snapshots and backups in ${bucket.place}`,
    remove: async () => {
      for (const key of keys) await bucket.delete(key);
    },
  };
}

function folderOf({ home }: Surroundings, tenant: string): Leftover | null {
  const { root } = tenantHome(home, tenant);
  if (!existsSync(root)) return null;
  return {
    what: `the folder ${root}: releases, snapshots and backups of this machine`,
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
