import type { Context } from "hono";
import { askDatabase } from "../ask-database.ts";
import { controlKeysIn } from "../control-keys.ts";
import { costSoFar } from "../cost-so-far.ts";
import type { ApiContext } from "../environment.ts";
import { hoursOfTraffic } from "../hours-of-traffic.ts";
import { requireScope } from "../keys.ts";

/** How far back intake and traffic are told. */
const HOURS = 24;

/** `GET /v1/status`: traffic, how events come in, what could not be stored, drift, cost, cron runs. */
export async function status(c: Context<ApiContext>) {
  await requireScope(c, "operate");
  const [{ trending }, activity] = await Promise.all([
    controlKeysIn(c.env.RELEASES),
    askDatabase("status", () => c.env.OPERATIONS.activity(HOURS)),
  ]);
  const { traffic, month, ...rest } = activity;
  const body = {
    ...rest,
    trendingComputedAt: trending?.computedAt ?? null,
    traffic: hoursOfTraffic(traffic, HOURS, Date.now()),
    cost: costSoFar(month),
  };
  return c.json(body, 200, { "cache-control": "no-store" });
}
