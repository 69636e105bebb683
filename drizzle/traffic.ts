/**
 * What each release was asked and what came of it, from the hourly roll-ups.
 *
 * Rows of `metrics_hourly` that it reads, `count` being the number of each:
 *
 * | name | labels | counts |
 * | --- | --- | --- |
 * | `answers` | `release=R,source=S` | lists answered; S is `list`, `fold-in`, `trending` or `fallback` |
 * | `errors` | `release=R` | requests that ended in a 5xx |
 * | `clicks`, `ratings` | `release=R` | events that name an answer of the release |
 */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { explained } from "./failure.ts";

/** Counts of one release over a span of hours. */
export interface ReleaseTraffic {
  readonly release: string;
  readonly answers: number;
  /** Answers that came neither from a list nor from a fold-in. */
  readonly fallbacks: number;
  readonly errors: number;
  readonly clicks: number;
  readonly ratings: number;
}

/** The traffic of every release since a time; releases without any are absent. */
export async function trafficSince(database: Database, since: Date): Promise<ReleaseTraffic[]> {
  const statement = sql`
    select release,
      coalesce(sum(count) filter (where name = 'answers'), 0)::double precision as answers,
      coalesce(sum(count) filter (where name = 'answers'
        and source not in ('list', 'fold-in')), 0)::double precision as fallbacks,
      coalesce(sum(count) filter (where name = 'errors'), 0)::double precision as errors,
      coalesce(sum(count) filter (where name = 'clicks'), 0)::double precision as clicks,
      coalesce(sum(count) filter (where name = 'ratings'), 0)::double precision as ratings
    from (
      select name, count, substring(labels from '(?:^|,)release=([^,]+)') as release,
        coalesce(substring(labels from '(?:^|,)source=([^,]+)'), '') as source
      from metrics_hourly
      where hour >= date_trunc('hour', ${since.toISOString()}::timestamptz)
        and name in ('answers', 'errors', 'clicks', 'ratings')
    ) as labelled
    where release is not null
    group by release order by release`;
  const result = await explained("Reading the traffic of releases", () =>
    database.db.execute(statement),
  );
  return result.rows as unknown as ReleaseTraffic[];
}
