import type { DayUse } from "../../drizzle/tenant-use.ts";
import { OVER_QUOTA_KEY, TENANTS_KEY } from "../../release/keys.ts";
import {
  type DailyQuota,
  dayOf,
  type OverQuota,
  overQuotaText,
  parseOverQuota,
  type Quotas,
} from "../../release/quota.ts";
import { parseTenantQuotas } from "../../release/tenant.ts";
import type { CronStore } from "./store.ts";

/** What a look at the quotas came to. */
export type QuotaOutcome =
  | { readonly kind: "idle" }
  | {
      readonly kind: "written" | "unchanged";
      readonly over: Readonly<Record<string, readonly DailyQuota[]>>;
      /** Tenants whose use could not be read, and why: what was said of them today stays. */
      readonly unread: Readonly<Record<string, string>>;
    };

/**
 * Compares what each tenant has used today with its quotas, and writes who is over where the API Worker
 * reads it; only when that has changed.
 *
 * @param store the deployment's.
 * @param useOf what a tenant has used on a day of UTC.
 */
export async function judgeQuotas(
  store: CronStore,
  useOf: (tenant: string, day: string) => Promise<DayUse>,
  now: Date,
): Promise<QuotaOutcome> {
  const tenants = parseTenantQuotas(await store.text(TENANTS_KEY));
  const limited = [...tenants].filter(([, quotas]) => isDaily(quotas));
  if (limited.length === 0) return { kind: "idle" };
  const day = dayOf(now.getTime());
  const text = await store.text(OVER_QUOTA_KEY);
  const before = saidOn(day, text);
  const over = new Map<string, readonly DailyQuota[]>();
  const unread: Record<string, string> = {};
  for (const [tenant, quotas] of limited) {
    const used = await useOf(tenant, day).then(
      (use) => usedUpBy(use, quotas),
      (error: unknown) => {
        unread[tenant] = error instanceof Error ? error.message : String(error);
        return before.get(tenant) ?? [];
      },
    );
    if (used.length > 0) over.set(tenant, used);
  }
  const written = overQuotaText({ day, over });
  // What was said of another day says nothing any more.
  const changed = over.size + before.size > 0 && written !== text;
  if (changed) await store.put(OVER_QUOTA_KEY, written);
  return { kind: changed ? "written" : "unchanged", over: Object.fromEntries(over), unread };
}

function isDaily({ eventsADay, answersADay }: Quotas): boolean {
  return eventsADay !== undefined || answersADay !== undefined;
}

function usedUpBy(use: DayUse, { eventsADay, answersADay }: Quotas): readonly DailyQuota[] {
  const used: DailyQuota[] = [];
  if (eventsADay !== undefined && use.events >= eventsADay) used.push("events");
  if (answersADay !== undefined && use.answers >= answersADay) used.push("answers");
  return used;
}

/** What was said earlier on this day; a key that holds something else says nothing, and is written anew. */
function saidOn(day: string, text: string | null): OverQuota["over"] {
  try {
    const before = parseOverQuota(text);
    return before.day === day ? before.over : new Map();
  } catch {
    return new Map();
  }
}
