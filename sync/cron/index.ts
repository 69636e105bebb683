import { openDatabase } from "../../drizzle/database.ts";
import { activateStaged } from "./activate.ts";
import { refreshTrending } from "./trending.ts";

/** What the cron Worker is bound to; `sync/wrangler.toml` declares it. */
export interface CronEnv {
  readonly RELEASES: KVNamespace;
  readonly DATABASE_URL: string;
  /** Set where Postgres is reached through a plain WebSocket proxy, as on a developer's machine. */
  readonly DATABASE_WS_PROXY?: string;
  readonly VERIFY_VALUES_PER_RUN: string;
  readonly TRENDING_HALF_LIFE_HOURS: string;
}

/** The trigger that looks for a staged release; the other one refreshes trending. */
const STAGED_TRIGGER = "* * * * *";

export default {
  async scheduled(controller, env, ctx) {
    const now = new Date(controller.scheduledTime);
    if (controller.cron === STAGED_TRIGGER) {
      const outcome = await activateStaged(env.RELEASES, now, Number(env.VERIFY_VALUES_PER_RUN));
      if (outcome.kind !== "idle") console.log(JSON.stringify({ run: "activate", ...outcome }));
      return;
    }
    const database = openDatabase(env.DATABASE_URL, { wsProxy: env.DATABASE_WS_PROXY });
    try {
      const halfLifeHours = Number(env.TRENDING_HALF_LIFE_HOURS);
      const outcome = await refreshTrending(env.RELEASES, database, now, halfLifeHours);
      console.log(JSON.stringify({ run: "trending", ...outcome }));
    } finally {
      ctx.waitUntil(database.close());
    }
  },
} satisfies ExportedHandler<CronEnv>;
