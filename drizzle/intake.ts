/** How events come in, and what could not be stored, for operators. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { explained } from "./failure.ts";

/** What arrived of late. Times are ISO 8601, in UTC. */
export interface Intake {
  /** Events stored in each of the last hours, oldest first; an hour without any is there with 0. */
  readonly hours: readonly { readonly hour: string; readonly events: number }[];
  /** True when more came than are looked through, so that the older hours are not whole. */
  readonly partial: boolean;
  readonly lastEventAt: string | null;
  /** Queue messages that nobody could read and that were not redriven. */
  readonly deadLetters: number;
  readonly quarantined: number;
}

/** Newest events that are looked through: found by the primary key, whatever the table holds. */
const MOST_EVENTS = 200_000;
const ISO = sql.raw(`'YYYY-MM-DD"T"HH24:MI:SS"Z"'`);

/** @param hours how far back, the current one included. */
export async function readIntake(database: Database, hours: number): Promise<Intake> {
  const statement = sql`
    with newest as (select ingested_at from events order by seq desc limit ${MOST_EVENTS}),
    counted as (
      select date_trunc('hour', ingested_at at time zone 'UTC') as hour, count(*) as events
      from newest group by 1
    ),
    spans as (
      select generate_series(
        date_trunc('hour', now() at time zone 'UTC') - make_interval(hours => ${hours - 1}),
        date_trunc('hour', now() at time zone 'UTC'), interval '1 hour') as hour
    )
    select
      (select json_agg(json_build_object('hour', to_char(spans.hour, ${ISO}),
        'events', coalesce(counted.events, 0)) order by spans.hour)
        from spans left join counted using (hour)) as hours,
      (select count(*) = ${MOST_EVENTS} and min(ingested_at) > now() - make_interval(hours => ${hours})
        from newest) as partial,
      (select to_char(max(ingested_at) at time zone 'UTC', ${ISO}) from newest) as "lastEventAt",
      (select count(*)::double precision from dead_letters where redriven_at is null)
        as "deadLetters",
      (select count(*)::double precision from quarantine) as quarantined`;
  const result = await explained("Reading how events come in", () =>
    database.db.execute(statement),
  );
  return result.rows[0] as unknown as Intake;
}
