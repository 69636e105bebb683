import { setTimeout as sleep } from "node:timers/promises";
import { UsherError } from "../../release/error.ts";
import { createProgress } from "../progress.ts";
import { type Leftover, leftoversOf } from "../purge-tenant.ts";
import type { Surroundings } from "../surroundings.ts";
import { removeTenant } from "../tenant-surroundings.ts";

export interface RemoveOptions {
  readonly purge?: boolean;
  readonly yes?: boolean;
}

/** `usher tenants remove`: the name; with `--purge` all that the tenant has, after showing it. */
export async function removeOrPurge(
  around: Surroundings,
  tenant: string,
  { purge, yes }: RemoveOptions,
): Promise<void> {
  if (purge === true) return purgeTenant(around, tenant, yes === true);
  await removeTenant(around, tenant);
  createProgress().done(
    `${tenant} is not served any more within a minute; its keys and its database are as they were`,
  );
}

async function purgeTenant(around: Surroundings, tenant: string, yes: boolean): Promise<void> {
  const leftovers = await leftoversOf(around, tenant);
  console.log(inWords(tenant, leftovers));
  if (leftovers.length === 0) return;
  if (!yes) {
    throw new UsherError(
      "NOT_CONFIRMED",
      `Nothing was removed. It cannot be undone: "usher tenants remove ${tenant} --purge --yes" does it.`,
    );
  }
  const progress = createProgress();
  for (const { what, remove, settleMs = 0 } of leftovers) {
    await remove();
    progress.done(`removed ${what}`);
    if (settleMs > 0)
      progress.step(`Waiting ${settleMs / 60_000} minutes until every Worker knows`);
    await sleep(settleMs);
  }
}

function inWords(tenant: string, leftovers: readonly Leftover[]): string {
  if (leftovers.length === 0) return `There is nothing of ${tenant}.`;
  const lines = leftovers.map(({ what }) => `  ${what}`);
  return [
    "To be removed, in this order:",
    ...lines,
    `Stays: entries of API_KEYS with "tenant": "${tenant}", which open nothing then.`,
  ].join("\n");
}
