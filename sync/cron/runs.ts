/** The cron Worker's six runs; each gives what came of it, in a word and in detail. */
import { forgetCronRuns } from "../../drizzle/cron-runs.ts";
import { type Database, openDatabase } from "../../drizzle/database.ts";
import { forgetServedLists } from "../../drizzle/exposures.ts";
import { markActive } from "../../drizzle/releases.ts";
import { tenantDatabaseUrl } from "../../drizzle/tenant-database.ts";
import { useOfDay } from "../../drizzle/tenant-use.ts";
import { trafficSince } from "../../drizzle/traffic.ts";
import { forgetTrafficFlushes } from "../../drizzle/traffic-flushes.ts";
import { releaseTag } from "../../release/cache-tag.ts";
import { TENANTS_KEY } from "../../release/keys.ts";
import { KV_OPERATIONS_PER_INVOCATION } from "../../release/limits.ts";
import type { ListsMessage } from "../../release/lists-order.ts";
import { parseTenantQuotas } from "../../release/tenant.ts";
import { activateStaged } from "./activate.ts";
import { formatsReadBy } from "./api-formats.ts";
import type { CronEnv } from "./environment.ts";
import { guardServing } from "./guard.ts";
import { kvBinding } from "./kv-binding.ts";
import { askForLists } from "./lists/ask.ts";
import type { ListsStore } from "./lists/store.ts";
import { purgeThrough } from "./purge.ts";
import { judgeQuotas } from "./quotas.ts";
import { dropOldReleases } from "./retention.ts";
import { refreshTrending } from "./trending.ts";

/** What came of a run. */
export interface RunOutcome {
  /** `idle` leaves no record. */
  readonly outcome: string;
  readonly detail: Record<string, unknown>;
}

/** What a run works with, all of one catalogue; the database is opened by the first who asks for it. */
export interface RunContext {
  readonly env: CronEnv;
  /** Whose catalogue; null is the deployment's own. */
  readonly tenant: string | null;
  readonly store: ListsStore;
  readonly now: Date;
  readonly database: () => Database;
}

/** What else an activation reads and writes fits beside so many values. */
const MOST_VALUES = KV_OPERATIONS_PER_INVOCATION - 20;
/** Records of runs are kept for so long. */
const RECORD_MS = 30 * 86_400_000;
/** Lists of experiments are kept for so long; who has seen which arm stays. */
const SERVED_LIST_MS = 90 * 86_400_000;
/** Queues keep a message for 4 days by default: older ones do not come again. */
const FLUSH_MS = 5 * 86_400_000;

export async function activationRun(context: RunContext): Promise<RunOutcome> {
  const { env, tenant, store, now, database } = context;
  const api = env.API;
  const { kind, ...detail } = await activateStaged(store, {
    now,
    budget: {
      values: Math.min(Number(env.VERIFY_VALUES_PER_RUN), MOST_VALUES),
      bytes: Number(env.VERIFY_MEGABYTES_PER_RUN) * 1e6,
    },
    settleMs: Number(env.SETTLE_SECONDS) * 1000,
    ...(api === undefined ? {} : { formats: () => formatsReadBy(api) }),
    ...(tenant === null ? {} : { mostItems: () => mostItemsOf(env, tenant) }),
  });
  if (kind !== "activated" || !("before" in detail)) return { outcome: kind, detail };
  const purged = await purge(context, detail.before);
  const noted = detail.share === 1 ? await note(database, detail.release) : "shares the users";
  return { outcome: kind, detail: { ...detail, purged, noted } };
}

async function mostItemsOf(env: CronEnv, tenant: string): Promise<number | undefined> {
  const tenants = parseTenantQuotas(await kvBinding(env.RELEASES).text(TENANTS_KEY));
  return tenants.get(tenant)?.items;
}

/** Asks for lists that a release waits for; a run that only waits leaves no record. */
export async function listsRun({ env, tenant, store, now }: RunContext): Promise<RunOutcome> {
  const send = async (messages: readonly ListsMessage[]) => {
    const whose = tenant === null ? {} : { tenant };
    await env.LISTS.sendBatch(messages.map((message) => ({ body: { ...message, ...whose } })));
  };
  const { kind, ...detail } = await askForLists(store, send, now);
  return { outcome: kind === "waiting" ? "idle" : kind, detail };
}

export async function guardrailRun(context: RunContext): Promise<RunOutcome> {
  const { store, now, database } = context;
  const traffic = (since: Date) => trafficSince(database(), since);
  const { kind, ...detail } = await guardServing(store, traffic, now);
  if (kind !== "rolled-back" || !("before" in detail)) return { outcome: kind, detail };
  const purged = await purge(context, detail.before);
  return { outcome: kind, detail: { ...detail, purged, noted: await note(database, detail.to) } };
}

export async function trendingRun(context: RunContext): Promise<RunOutcome> {
  const { env, store, now, database } = context;
  const halfLifeHours = Number(env.TRENDING_HALF_LIFE_HOURS);
  const { items, written } = await refreshTrending(store, database(), now, halfLifeHours);
  return { outcome: written ? "written" : "unchanged", detail: { items } };
}

/** Once for all tenants, in the deployment's own turn: who is over is one key. */
export async function quotasRun({ env, tenant, store, now }: RunContext): Promise<RunOutcome> {
  if (tenant !== null) return { outcome: "idle", detail: {} };
  const useOf = async (whose: string, day: string) => {
    const url = tenantDatabaseUrl(env.DATABASE_URL, whose);
    const database = openDatabase(url, { wsProxy: env.DATABASE_WS_PROXY, timeoutMs: 10_000 });
    return useOfDay(database, day).finally(() => database.close());
  };
  const { kind, ...detail } = await judgeQuotas(store, useOf, now);
  return { outcome: kind, detail };
}

export async function retentionRun(context: RunContext): Promise<RunOutcome> {
  const { env, store, now, database } = context;
  const kept = { keep: Number(env.RELEASES_KEPT), deletes: Number(env.DELETES_PER_RUN) };
  const outcome = await dropOldReleases(store, kept);
  await forgetCronRuns(database(), new Date(now.getTime() - RECORD_MS));
  await forgetTrafficFlushes(database(), new Date(now.getTime() - FLUSH_MS));
  await forgetServedLists(database(), new Date(now.getTime() - SERVED_LIST_MS));
  return { outcome: outcome.deletedKeys > 0 ? "deleted" : "nothing-to-do", detail: { ...outcome } };
}

/** The pointer has changed by now: a database that is away does not make that undone. */
async function note(database: () => Database, release: string): Promise<string> {
  return markActive(database(), release).then(
    () => "active in Postgres",
    (error: unknown) =>
      `Postgres does not know yet: ${error instanceof Error ? error.message : error}`,
  );
}

/** One purge for a change of release, however many arms it ends. */
async function purge({ env, tenant }: RunContext, before: readonly string[]): Promise<string> {
  if (before.length === 0) return "nothing was served before";
  const tags = before.map((release) => releaseTag(release, tenant ?? undefined));
  return purgeThrough(env.API).purge(tags);
}
