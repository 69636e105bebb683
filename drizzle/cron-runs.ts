/** Every statement about the cron Worker's runs. */
import { lt, sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { explained } from "./failure.ts";
import { cronRuns } from "./schema.ts";

/** A run as it is recorded. */
export interface CronRun {
  readonly run: string;
  readonly at: Date;
  readonly outcome: string;
  readonly detail: Record<string, unknown>;
  readonly milliseconds: number;
}

export async function recordCronRun(database: Database, run: CronRun): Promise<void> {
  await explained("Recording a cron run", () => database.db.insert(cronRuns).values(run));
}

/** The last run of each kind, newest first. */
export async function lastCronRuns(database: Database): Promise<CronRun[]> {
  const last = database.db
    .selectDistinctOn([cronRuns.run])
    .from(cronRuns)
    .orderBy(cronRuns.run, sql`${cronRuns.at} desc`, sql`${cronRuns.id} desc`);
  const rows = await explained("Reading the last cron runs", () => last);
  return rows.sort((a, b) => b.at.getTime() - a.at.getTime());
}

/** Forgets runs from before a time. */
export async function forgetCronRuns(database: Database, before: Date): Promise<void> {
  await explained("Forgetting old cron runs", () =>
    database.db.delete(cronRuns).where(lt(cronRuns.at, before)),
  );
}
