/** What a catalogue has used of the quotas of a day, from the hourly roll-ups. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { explained } from "./failure.ts";

export interface DayUse {
  /** Events that `POST /v1/events` accepted. */
  readonly events: number;
  /** Lists for users, and whatever else was read of the catalogue; what ended in a 5xx is none. */
  readonly answers: number;
}

/** @param day `2026-03-01`, of UTC. */
export async function useOfDay(database: Database, day: string): Promise<DayUse> {
  const begins = sql`${`${day}T00:00:00Z`}::timestamptz`;
  const result = await explained("Reading what a day used", () =>
    database.db.execute(sql`
      select
        coalesce(sum(count) filter (where name = 'events' and labels = 'verdict=accepted'), 0)
          ::double precision as events,
        coalesce(sum(count) filter (where name = 'reads'
          or (name = 'answers' and labels !~ '(^|,)source=none(,|$)')), 0)
          ::double precision as answers
      from metrics_hourly
      where hour >= ${begins} and hour < ${begins} + interval '24 hours'
        and name in ('events', 'answers', 'reads')`),
  );
  return result.rows[0] as unknown as DayUse;
}
