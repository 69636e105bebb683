import type { Context, Next } from "hono";
import { routePath } from "hono/route";
import { type DailyQuota, dayOf } from "../../release/quota.ts";
import type { ApiContext } from "./environment.ts";
import { Problem } from "./problem.ts";

const DAY_MS = 86_400_000;

/** What operators, monitors and people who ask for their data ask is never refused. */
const QUOTAS: ReadonlyMap<string, DailyQuota> = new Map([
  ["/recommend/:userId", "answers"],
  ["/v1/users/:userId/recommendations", "answers"],
  ["/v1/recommendations", "answers"],
  ["/v1/items", "answers"],
  ["/v1/items/:itemId", "answers"],
  ["/v1/items/:itemId/similar", "answers"],
  ["/v1/trending", "answers"],
  ["/v1/events", "events"],
]);

/** The quota that requests of a route use; undefined for those that use none. */
export function quotaOf(route: string): DailyQuota | undefined {
  return QUOTAS.get(route);
}

/**
 * Refuses what a tenant has used up until the day ends; the deployment's own catalogue has no quotas.
 *
 * @throws Problem 429.
 */
export async function keepToQuota(c: Context<ApiContext>, next: Next): Promise<void> {
  const { TENANT } = c.env;
  if (TENANT !== undefined) {
    const quota = quotaOf(routePath(c, -1));
    if (quota !== undefined && TENANT.usedUp().includes(quota)) throw usedUpProblem(quota);
  }
  await next();
}

function usedUpProblem(quota: DailyQuota): Problem {
  const now = Date.now();
  const ends = Date.parse(dayOf(now)) + DAY_MS;
  return new Problem(
    429,
    "QUOTA_USED_UP",
    `This catalogue has used up its ${quota} of today. Ask again when the day ends, at 00:00 UTC, or ask whoever runs this service to raise the quota.`,
    {
      details: { quota, until: new Date(ends).toISOString() },
      headers: { "retry-after": String(Math.ceil((ends - now) / 1000)) },
    },
  );
}
