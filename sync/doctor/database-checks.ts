import { lastCronRuns } from "../../drizzle/cron-runs.ts";
import type { Database } from "../../drizzle/database.ts";
import { countStored } from "../../drizzle/events.ts";
import { pendingMigrations } from "../../drizzle/migrate.ts";
import { type Check, checked, failure, good, warning } from "./check.ts";

/** Trending is looked at every five minutes; three missed ones are no accident. */
const CRON_TOO_LONG_MS = 15 * 60_000;

/** Postgres: reachable, at this code's schema, filled, and the cron Worker's traces in it. */
export async function checkDatabase(database: Database, now: Date): Promise<Check[]> {
  const advice = "Check DATABASE_URL, and that the database is awake and lets you in.";
  return checked("database", advice, async () => {
    const pending = await pendingMigrations(database);
    if (pending.length > 0) {
      const says = `It lacks ${pending.length} migrations: ${pending.join(", ")}.`;
      return [failure("migrations", says, 'Run "usher migrate" before you deploy.')];
    }
    const { events, users, items } = await countStored(database);
    const stored = `${events} events of ${users} users, ${items} items`;
    return [
      good("migrations", "all applied"),
      events > 0
        ? good("database", stored)
        : warning("database", stored, 'Import ratings: "usher import DIR".'),
      await checkCron(database, now),
    ];
  });
}

async function checkCron(database: Database, now: Date): Promise<Check> {
  const runs = await lastCronRuns(database);
  const last = runs[0];
  const advice = 'Is the cron Worker deployed? "wrangler tail usher-cron" shows its runs.';
  if (last === undefined) return warning("cron", "It has left no trace of a run.", advice);
  const failed = runs.find((run) => run.outcome === "failed");
  if (failed !== undefined) {
    const says = `Its last ${failed.run} failed at ${failed.at.toISOString()}: ${failed.detail["reason"]}`;
    return failure("cron", says, advice);
  }
  const says = `last ${last.run} at ${last.at.toISOString()}: ${last.outcome}`;
  const late = now.getTime() - last.at.getTime() > CRON_TOO_LONG_MS;
  return late ? warning("cron", says, advice) : good("cron", says);
}
