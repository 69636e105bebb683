/** What the database knows for a monitoring system. */
import { sql } from "drizzle-orm";
import { lastCronRuns } from "./cron-runs.ts";
import type { Database } from "./database.ts";
import { explained } from "./failure.ts";

/** A row of the roll-ups, over all hours. */
export interface Counter {
  readonly name: string;
  readonly labels: string;
  readonly count: number;
  readonly sum: number;
}

/** Counters and states; times in epoch ms, null for what has not happened yet. */
export interface Measures {
  readonly counters: readonly Counter[];
  /** Queue messages that nobody could read and that were not redriven. */
  readonly deadLetters: number;
  readonly quarantined: number;
  readonly lastEventAt: number | null;
  /** When counts of the API last came through the queue: it stands still when the consumer does. */
  readonly lastFlushAt: number | null;
  /** The last run of each kind that left a record. */
  readonly cron: readonly { readonly run: string; readonly at: number; readonly failed: boolean }[];
}

/** Labels that nothing was counted under for so many days are left out: releases come and go. */
const SHOWN_DAYS = 7;

export async function readMeasures(database: Database): Promise<Measures> {
  const [counters, states, runs] = await Promise.all([
    readCounters(database),
    readStates(database),
    lastCronRuns(database),
  ]);
  const cron = runs.map(({ run, at, outcome }) => {
    return { run, at: at.getTime(), failed: outcome === "failed" };
  });
  return { counters, ...states, cron };
}

/** Summed over every hour there is, so that a counter never falls while it is shown. */
async function readCounters(database: Database): Promise<Counter[]> {
  const result = await explained("Reading the roll-ups", () =>
    database.db.execute(sql`
      select name, labels, sum(count)::double precision as count, sum(sum) as sum
      from metrics_hourly group by name, labels
      having max(hour) > now() - make_interval(days => ${SHOWN_DAYS})
      order by name, labels`),
  );
  return result.rows as unknown as Counter[];
}

type States = Omit<Measures, "counters" | "cron">;

async function readStates(database: Database): Promise<States> {
  const result = await explained("Reading what waits", () =>
    database.db.execute(sql`
      select
        (select count(*)::double precision from dead_letters where redriven_at is null)
          as "deadLetters",
        (select count(*)::double precision from quarantine) as quarantined,
        (select floor(extract(epoch from ingested_at) * 1000)::double precision
          from events order by seq desc limit 1) as "lastEventAt",
        (select floor(extract(epoch from max(added_at)) * 1000)::double precision
          from traffic_flushes) as "lastFlushAt"`),
  );
  return result.rows[0] as unknown as States;
}
