import path from "node:path";
import { migrate } from "../drizzle/migrate.ts";
import { createTenantDatabase } from "../drizzle/tenant-database.ts";
import { type Home, homeAt } from "../local/home.ts";
import { UsherError } from "../release/error.ts";
import { checkedTenant } from "../release/tenant.ts";
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
  const tenants = await readTenants(deployment.kv);
  if (!tenants.includes(tenant)) {
    throw new UsherError(
      "UNKNOWN_TENANT",
      `There is no tenant "${tenant}". "usher tenants add ${tenant}" makes one; there ${inWords(tenants)}.`,
    );
  }
  const { database } = deployment.tenantDatabase(tenant);
  return {
    ...deployment,
    home: tenantHome(deployment.home, tenant),
    database,
    kv: tenantStore(deployment.kv, tenant),
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
 * @returns false when there was such a tenant already.
 */
export async function addTenant(deployment: Surroundings, tenant: string): Promise<boolean> {
  await makeDatabase(deployment, checkedTenant(tenant));
  const tenants = await readTenants(deployment.kv);
  if (tenants.includes(tenant)) return false;
  await writeTenants(deployment.kv, [...tenants, tenant]);
  return true;
}

/** Brings every tenant's database to this code's schema, making one that is gone. @returns their names. */
export async function migrateTenants(deployment: Surroundings): Promise<readonly string[]> {
  const tenants = await readTenants(deployment.kv);
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

/** Takes a tenant's name from the Workers; its keys and its database stay. @throws UsherError `UNKNOWN_TENANT`. */
export async function removeTenant(deployment: Surroundings, tenant: string): Promise<void> {
  const tenants = await readTenants(deployment.kv);
  if (!tenants.includes(tenant)) {
    throw new UsherError(
      "UNKNOWN_TENANT",
      `There is no tenant "${tenant}"; there ${inWords(tenants)}.`,
    );
  }
  const others = tenants.filter((name) => name !== tenant);
  await writeTenants(deployment.kv, others);
}

function inWords(tenants: readonly string[]): string {
  return tenants.length === 0 ? "is none yet" : `are ${tenants.join(", ")}`;
}
