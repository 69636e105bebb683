import { type DayUse, useOfDay } from "../drizzle/tenant-use.ts";
import { manifestKey } from "../release/keys.ts";
import { parseManifest } from "../release/manifest.ts";
import { dayOf, type Quotas } from "../release/quota.ts";
import { tenantStore } from "../sync/kv/tenant-store.ts";
import { activeRelease } from "./publish.ts";
import { count, percent } from "./quantities.ts";
import type { Surroundings } from "./surroundings.ts";

/** What a tenant has used today (UTC), and the items of the release that serves. */
export interface TenantUse extends DayUse {
  readonly items: number;
}

/** @throws UsherError `DATABASE_FAILED`. */
export async function tenantUse(deployment: Surroundings, tenant: string): Promise<TenantUse> {
  const { database } = deployment.tenantDatabase(tenant);
  try {
    const today = await useOfDay(database, dayOf(Date.now()));
    return { ...today, items: await itemsServed(deployment, tenant) };
  } finally {
    await database.close();
  }
}

async function itemsServed({ kv }: Surroundings, tenant: string): Promise<number> {
  const own = tenantStore(kv, tenant);
  const release = await activeRelease(own);
  const bytes = release === null ? null : await own.read(manifestKey(release));
  return bytes === null ? 0 : parseManifest(new TextDecoder().decode(bytes)).dataset.items;
}

/** `events today 120,000 of 1,000,000 (12 %)`, and the like for the others. */
export function useInWords(use: TenantUse, quotas: Quotas): string {
  return [
    `events today ${against(use.events, quotas.eventsADay)}`,
    `answers today ${against(use.answers, quotas.answersADay)}`,
    `items ${against(use.items, quotas.items)}`,
  ].join(", ");
}

function against(used: number, quota: number | undefined): string {
  if (quota === undefined) return count(used);
  const share = quota === 0 ? "" : ` (${percent(used / quota)})`;
  return `${count(used)} of ${count(quota)}${share}`;
}
