/** Adding up what the API's isolates counted, each flush once. */
import { lt, sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { againAfterDeadlock } from "./deadlock.ts";
import { explained } from "./failure.ts";
import { trafficFlushes } from "./schema.ts";

/** What one isolate counted until `flushedAt`, epoch ms. */
export interface NewTrafficFlush {
  readonly flushId: string;
  readonly flushedAt: number;
  readonly counts: readonly {
    readonly name: string;
    readonly labels: string;
    readonly count: number;
    readonly sum: number;
    readonly min: number;
    readonly max: number;
  }[];
}

/**
 * Adds flushes to the roll-ups of their hours in one statement; a flush that is known by its id
 * changes nothing, also when two deliveries of it arrive at once: the second waits for the first.
 *
 * @returns how many were new.
 * @throws UsherError `DATABASE_FAILED`; none is added then.
 */
export async function addTraffic(
  database: Database,
  flushes: readonly NewTrafficFlush[],
): Promise<number> {
  if (flushes.length === 0) return 0;
  return explained(`Adding ${flushes.length} flushes of traffic`, () =>
    againAfterDeadlock(() => addOnce(database, flushes)),
  );
}

async function addOnce(database: Database, flushes: readonly NewTrafficFlush[]): Promise<number> {
  const result = await database.db.execute<{ added: number }>(sql`
    with arriving as (
      select distinct on ("flushId") * from jsonb_to_recordset(${JSON.stringify(flushes)}::jsonb)
        as flush("flushId" uuid, "flushedAt" double precision, counts jsonb)
    ), fresh as (
      insert into traffic_flushes (flush_id) select "flushId" from arriving order by 1
      on conflict do nothing returning flush_id
    ), added as (
      insert into metrics_hourly as held (hour, name, labels, count, sum, min, max)
      select date_trunc('hour', to_timestamp("flushedAt" / 1000), 'UTC') as hour, name, labels,
        sum(count), sum(sum), min(min), max(max)
      from fresh join arriving on flush_id = "flushId"
        cross join jsonb_to_recordset(counts) as counted(name text, labels text, count bigint,
          sum double precision, min double precision, max double precision)
      group by 1, 2, 3 order by 1, 2, 3
      on conflict (hour, name, labels) do update set count = held.count + excluded.count,
        sum = held.sum + excluded.sum, min = least(held.min, excluded.min),
        max = greatest(held.max, excluded.max)
    )
    select count(*)::int as added from fresh`);
  return result.rows[0]!.added;
}

/** Forgets the ids of flushes added before a time: no queue delivers them any more. */
export async function forgetTrafficFlushes(database: Database, before: Date): Promise<void> {
  await explained("Forgetting old flushes of traffic", () =>
    database.db.delete(trafficFlushes).where(lt(trafficFlushes.addedAt, before)),
  );
}
