/** What of this calendar month (UTC) costs money, as far as the database knows it. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { explained } from "./failure.ts";

/** Units used since the first of the month. */
export interface MonthUsage {
  /** Requests that the API's app answered. */
  readonly computed: number;
  /** Lists from an isolate's memory. */
  readonly fromMemory: number;
  readonly queueMessages: number;
  readonly kvWrites: number;
  readonly kvDeletes: number;
  /** Of the releases that are kept. */
  readonly kvStoredBytes: number;
}

/** Releases that retention keeps (`RELEASES_KEPT` of the cron Worker, as it comes). */
const RELEASES_KEPT = 5;
/** A push also writes the manifest and `staged`, and a flip the pointer. */
const WRITES_BESIDE_VALUES = 3;

export async function readMonthUsage(database: Database): Promise<MonthUsage> {
  const month = sql`date_trunc('month', now(), 'UTC')`;
  const counted = (names: string) =>
    sql`coalesce(sum(count) filter (where ${sql.raw(names)}), 0)::double precision`;
  const result = await explained("Reading what this month used", () =>
    database.db.execute(sql`
      with pushed as (
        select created_at, manifest from releases where status in ('staged', 'active', 'retired')
      ), kept as (select manifest from pushed order by created_at desc limit ${RELEASES_KEPT})
      select ${counted("name = 'latency_ms'")} as computed,
        greatest(0, ${counted("name = 'answers'")} - ${counted(
          "name = 'latency_ms' and labels in ('route=/recommend/:userId', 'route=/v1/users/:userId/recommendations')",
        )}) as "fromMemory",
        ${counted("name = 'queue_messages'")} as "queueMessages",
        (select coalesce(sum(jsonb_array_length(manifest -> 'values')
            + coalesce((manifest #>> '{listed,values}')::int, 0) + ${WRITES_BESIDE_VALUES}), 0)
          from pushed where created_at >= ${month})::double precision
          + (select count(*) from cron_runs
            where run = 'trending' and outcome = 'written' and at >= ${month}) as "kvWrites",
        (select coalesce(sum((detail ->> 'deletedKeys')::double precision), 0) from cron_runs
          where run = 'retention' and at >= ${month}) as "kvDeletes",
        (select coalesce(sum(coalesce((manifest #>> '{listed,bytes}')::bigint, 0) + (
            select sum((stored ->> 'bytes')::bigint)
            from jsonb_array_elements(manifest -> 'values') as stored
          )), 0)::double precision from kept) as "kvStoredBytes"
      from metrics_hourly where hour >= ${month}`),
  );
  return result.rows[0] as unknown as MonthUsage;
}
