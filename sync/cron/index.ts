import { recordCronRun } from "../../drizzle/cron-runs.ts";
import { type Database, openDatabase } from "../../drizzle/database.ts";
import { tenantDatabaseUrl } from "../../drizzle/tenant-database.ts";
import type { ListsMessage } from "../../release/lists-order.ts";
import type { CronEnv } from "./environment.ts";
import { kvBinding } from "./kv-binding.ts";
import { makeLists } from "./lists/queue.ts";
import {
  activationRun,
  guardrailRun,
  listsRun,
  quotasRun,
  type RunContext,
  type RunOutcome,
  retentionRun,
  trendingRun,
} from "./runs.ts";
import { allCatalogues } from "./tenants.ts";

type Run = (context: RunContext) => Promise<RunOutcome>;

/** Which runs each trigger of `sync/wrangler.toml` starts. */
const RUNS: Readonly<Record<string, Readonly<Record<string, Run>>>> = {
  "* * * * *": { lists: listsRun, activate: activationRun },
  "*/5 * * * *": { guardrail: guardrailRun, trending: trendingRun, quotas: quotasRun },
  "17 * * * *": { retention: retentionRun },
};

/**
 * Runs that may use up what one invocation can ask of KV, by the outcomes that need little: after any
 * other the catalogues behind wait for the next trigger.
 */
const LIGHT: Readonly<Record<string, readonly string[]>> = {
  activate: ["idle"],
  retention: ["nothing-to-do"],
};

export default {
  async scheduled(controller, env, ctx) {
    const now = new Date(controller.scheduledTime);
    const spent = new Set<string>();
    for (const tenant of await allCatalogues(kvBinding(env.RELEASES), Math.random())) {
      await runsOf(tenant, controller.cron, now, spent, env, ctx);
    }
  },
  queue: (batch, env) => makeLists(batch, env),
} satisfies ExportedHandler<CronEnv, ListsMessage>;

/** A trigger's runs on one catalogue, but for those that `spent` names; it learns which they are. */
async function runsOf(
  tenant: string | null,
  cron: string,
  now: Date,
  spent: Set<string>,
  env: CronEnv,
  ctx: ExecutionContext,
): Promise<void> {
  let opened: Database | null = null;
  const url = tenant === null ? env.DATABASE_URL : tenantDatabaseUrl(env.DATABASE_URL, tenant);
  const database = () => {
    opened ??= openDatabase(url, { wsProxy: env.DATABASE_WS_PROXY });
    return opened;
  };
  const context = { env, tenant, store: kvBinding(env.RELEASES, tenant), now, database };
  try {
    for (const [name, run] of Object.entries(RUNS[cron] ?? {})) {
      if (spent.has(name)) continue;
      const outcome = await recorded(name, run, context);
      if (LIGHT[name]?.includes(outcome) === false) spent.add(name);
    }
  } finally {
    ctx.waitUntil((opened as Database | null)?.close() ?? Promise.resolve());
  }
}

/**
 * Runs, and leaves what came of it in the log and in Postgres; a run that fails stops no other.
 *
 * @returns the outcome in a word.
 */
async function recorded(name: string, run: Run, context: RunContext): Promise<string> {
  const started = Date.now();
  const { outcome, detail } = await run(context).catch(failure);
  if (outcome === "idle") return outcome;
  const whose = context.tenant === null ? {} : { tenant: context.tenant };
  console.log(JSON.stringify({ run: name, ...whose, outcome, ...detail }));
  const milliseconds = Date.now() - started;
  const record = { run: name, at: context.now, outcome, detail, milliseconds };
  await recordCronRun(context.database(), record).catch((error: unknown) => {
    console.error(JSON.stringify({ run: name, outcome: "not-recorded", ...failure(error).detail }));
  });
  return outcome;
}

function failure(error: unknown): RunOutcome {
  return {
    outcome: "failed",
    detail: { reason: error instanceof Error ? error.message : String(error) },
  };
}
