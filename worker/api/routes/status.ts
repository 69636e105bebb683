import type { Context } from "hono";
import { askDatabase } from "../ask-database.ts";
import { controlKeysIn } from "../control-keys.ts";
import type { ApiContext } from "../environment.ts";
import { requireScope } from "../keys.ts";

/** How far back the intake is told. */
const HOURS = 24;

/** `GET /v1/status`: how events come in, what could not be stored, and what the cron Worker did. */
export async function status(c: Context<ApiContext>) {
  await requireScope(c, "operate");
  const [{ trending }, activity] = await Promise.all([
    controlKeysIn(c.env.RELEASES),
    askDatabase("status", () => c.env.OPERATIONS.activity(HOURS)),
  ]);
  const body = { ...activity, trendingComputedAt: trending?.computedAt ?? null };
  return c.json(body, 200, { "cache-control": "no-store" });
}
