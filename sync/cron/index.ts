import { recordCronRun } from "../../drizzle/cron-runs.ts";
import { type Database, openDatabase } from "../../drizzle/database.ts";
import type { ListsMessage } from "../../release/lists-order.ts";
import type { CronEnv } from "./environment.ts";
import { makeLists } from "./lists/queue.ts";
import {
  activationRun,
  guardrailRun,
  listsRun,
  type RunContext,
  type RunOutcome,
  retentionRun,
  trendingRun,
} from "./runs.ts";

type Run = (context: RunContext) => Promise<RunOutcome>;

/** Which runs each trigger of `sync/wrangler.toml` starts. */
const RUNS: Readonly<Record<string, Readonly<Record<string, Run>>>> = {
  "* * * * *": { lists: listsRun, activate: activationRun },
  "*/5 * * * *": { guardrail: guardrailRun, trending: trendingRun },
  "17 * * * *": { retention: retentionRun },
};

export default {
  async scheduled(controller, env, ctx) {
    let opened: Database | null = null;
    const database = () => {
      opened ??= openDatabase(env.DATABASE_URL, { wsProxy: env.DATABASE_WS_PROXY });
      return opened;
    };
    const context = { env, now: new Date(controller.scheduledTime), database };
    try {
      for (const [name, run] of Object.entries(RUNS[controller.cron] ?? {})) {
        await recorded(name, run, context);
      }
    } finally {
      ctx.waitUntil((opened as Database | null)?.close() ?? Promise.resolve());
    }
  },
  queue: (batch, env) => makeLists(batch, env),
} satisfies ExportedHandler<CronEnv, ListsMessage>;

/** Runs, and leaves what came of it in the log and in Postgres; a run that fails stops no other. */
async function recorded(name: string, run: Run, context: RunContext): Promise<void> {
  const started = Date.now();
  const { outcome, detail } = await run(context).catch(failure);
  if (outcome === "idle") return;
  console.log(JSON.stringify({ run: name, outcome, ...detail }));
  const milliseconds = Date.now() - started;
  const record = { run: name, at: context.now, outcome, detail, milliseconds };
  await recordCronRun(context.database(), record).catch((error: unknown) => {
    console.error(JSON.stringify({ run: name, outcome: "not-recorded", ...failure(error).detail }));
  });
}

function failure(error: unknown): RunOutcome {
  return {
    outcome: "failed",
    detail: { reason: error instanceof Error ? error.message : String(error) },
  };
}
