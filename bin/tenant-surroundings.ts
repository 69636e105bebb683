import path from "node:path";
import { migrate } from "../drizzle/migrate.ts";
import { createTenantDatabase } from "../drizzle/tenant-database.ts";
import { type Home, homeAt } from "../local/home.ts";
import { UsherError } from "../release/error.ts";
import type { Quotas } from "../release/quota.ts";
import { checkedTenant, type Tenants } from "../release/tenant.ts";
import { readTenants, tenantStore, writeTenants } from "../sync/kv/tenant-store.ts";
import type { Surroundings } from "./surroundings.ts";

/** The tenant that this process works for, of `--tenant` or `USHER_TENANT`; null for none. */
export function askedTenant(): string | null {
  const text = process.env["USHER_TENANT"] ?? "";
  return text === "" ? null : checkedTenant(text);
}

/** A tenant's folder in a home: releases, snapshots and settings of its own. */
export function tenantHome(home: Home, tenant: string | null): Home {
  return tenant === null ? home : homeAt(path.join(home.root, "tenants", tenant));
}

/**
 * What a command works on for one tenant: its database, its keys, its folder, its part of the API.
 * Closing it closes the deployment's too.
 *
 * @throws UsherError `UNKNOWN_TENANT`.
 */
export async function ofTenant(deployment: Surroundings, tenant: string): Promise<Surroundings> {
  const quotas = quotasOf(await readTenants(deployment.kv), tenant);
  const { database } = deployment.tenantDatabase(tenant);
  return {
    ...deployment,
    home: tenantHome(deployment.home, tenant),
    database,
    kv: tenantStore(deployment.kv, tenant),
    quotas,
    api: deployment.api === null ? null : `${deployment.api}/t/${tenant}`,
    close: async () => {
      await database.close();
      await deployment.close();
    },
  };
}

/**
 * Makes a tenant: its database, with this code's schema, then its name where the Workers read it.
 * Stopped half-way it is finished by doing it again.
 *
 * @param changes to its quotas, also of one that was there already.
 * @returns false when there was such a tenant already.
 */
export async function addTenant(
  deployment: Surroundings,
  tenant: string,
  changes: QuotaChanges = {},
): Promise<boolean> {
  await makeDatabase(deployment, checkedTenant(tenant));
  const tenants = await readTenants(deployment.kv);
  const before = tenants.get(tenant);
  if (before !== undefined && Object.keys(changes).length === 0) return false;
  await writeTenants(deployment.kv, withQuotas(tenants, tenant, { ...before, ...changes }));
  return before === undefined;
}

/** One that is null is lifted, one that is absent stays. */
export type QuotaChanges = { readonly [Name in keyof Quotas]: number | null };

/**
 * Changes a tenant's quotas; the cron Worker compares with them from its next look on.
 *
 * @returns all that it has then.
 * @throws UsherError `UNKNOWN_TENANT`.
 */
export async function changeQuotas(
  deployment: Surroundings,
  tenant: string,
  changes: QuotaChanges,
): Promise<Quotas> {
  const tenants = await readTenants(deployment.kv);
  const before = quotasOf(tenants, tenant);
  if (Object.keys(changes).length === 0) return before;
  const changed = withQuotas(tenants, tenant, { ...before, ...changes });
  await writeTenants(deployment.kv, changed);
  return quotasOf(changed, tenant);
}

function withQuotas(tenants: Tenants, tenant: string, quotas: QuotaChanges): Tenants {
  const set = Object.entries(quotas).filter(([, limit]) => limit !== null);
  return new Map([...tenants, [tenant, Object.fromEntries(set) as Quotas]]);
}

/** Brings every tenant's database to this code's schema, making one that is gone. @returns their names. */
export async function migrateTenants(deployment: Surroundings): Promise<readonly string[]> {
  const tenants = [...(await readTenants(deployment.kv)).keys()];
  for (const tenant of tenants) await makeDatabase(deployment, tenant);
  return tenants;
}

async function makeDatabase(deployment: Surroundings, tenant: string): Promise<void> {
  const { url, database } = deployment.tenantDatabase(tenant);
  try {
    await createTenantDatabase(deployment.database, url);
    await migrate(database);
  } finally {
    await database.close();
  }
}

/**
 * Takes a tenant's name and quotas from the Workers; its keys and its database stay.
 *
 * @throws UsherError `UNKNOWN_TENANT`.
 */
export async function removeTenant(deployment: Surroundings, tenant: string): Promise<void> {
  const tenants = new Map(await readTenants(deployment.kv));
  quotasOf(tenants, tenant);
  tenants.delete(tenant);
  await writeTenants(deployment.kv, tenants);
}

/** @throws UsherError `UNKNOWN_TENANT`. */
function quotasOf(tenants: Tenants, tenant: string): Quotas {
  const quotas = tenants.get(tenant);
  if (quotas !== undefined) return quotas;
  const others = [...tenants.keys()].join(", ");
  throw new UsherError(
    "UNKNOWN_TENANT",
    `There is no tenant "${tenant}". "usher tenants add ${tenant}" makes one; there ${others === "" ? "is none yet" : `are ${others}`}.`,
  );
}
