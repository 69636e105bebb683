/** The roll-ups by the hour, for a page that shows how the service does. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { explained } from "./failure.ts";

/** What was counted in an hour under a name and the one label that matters of it. */
export interface HourlyCount {
  /** ISO 8601, in UTC. */
  readonly hour: string;
  /** `answers`, `degraded`, `errors`, `events`, `latency_bucket` or `lag_bucket`. */
  readonly name: string;
  /** The source of answers, the verdict on events, the upper end of a bucket; else empty. */
  readonly part: string;
  readonly count: number;
}

/** Routes that people and their shops ask; what operators and monitors ask says nothing about those. */
export const ASKED_ROUTES =
  "route=(/recommend/|/v1/(recommendations|trending|items|events|users/:userId/recommendations))";

/** @param hours how far back, the current one included; hours without any counts are absent. */
export async function readTrafficHours(database: Database, hours: number): Promise<HourlyCount[]> {
  const result = await explained("Reading the traffic by the hour", () =>
    database.db.execute(sql`
      select to_char(hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as hour, name,
        coalesce(substring(labels from '(?:^|,)(?:source|verdict|le)=([^,]+)'), '') as part,
        sum(count)::double precision as count
      from metrics_hourly
      where hour > date_trunc('hour', now(), 'UTC') - make_interval(hours => ${hours})
        and (name in ('answers', 'degraded', 'errors', 'events', 'lag_bucket')
          or (name = 'latency_bucket' and labels ~ ${ASKED_ROUTES}))
      group by 1, 2, 3 order by 1, 2, 3`),
  );
  return result.rows as unknown as HourlyCount[];
}
