import { ASKED_ROUTES } from "../drizzle/traffic-hours.ts";
import type { DashboardDescription } from "./dashboard.ts";
import { percentiles } from "./times.ts";

const overTime = (sql: string) => `select name as time, metric, value from (${sql}) as measured`;

/** Does it answer, from what, and how fast; do events arrive. */
export const serviceHealth: DashboardDescription = {
  uid: "usher-service",
  title: "Usher: service health",
  about: "From the hourly roll-ups in Postgres. Answers from Workers Cache never reach a Worker.",
  from: "now-24h",
  panels: [
    {
      title: "Lists by source",
      about: "Requests for a user's list. Source none ended in a 5xx.",
      drawn: "time",
      stacked: true,
      sql: `
select $__timeGroupAlias(hour, '1h'), substring(labels from 'source=([^,]+)') as metric,
  sum(count) as value
from metrics_hourly where $__timeFilter(hour) and name = 'answers'
group by 1, 2 order by 1`,
    },
    {
      title: "Share of lists that failed or were degraded",
      about: "Degraded lists went around something that failed; they are complete, or nearly.",
      drawn: "time",
      unit: "percentunit",
      sql: `
select $__timeGroupAlias(hour, '1h'), bad.metric,
  coalesce(sum(count) filter (where bad.metric = 'failed' and labels like '%source=none%'
    or bad.metric = name), 0) / nullif(sum(count) filter (where name = 'answers'), 0) as value
from metrics_hourly cross join (values ('failed'), ('degraded')) as bad(metric)
where $__timeFilter(hour) and name in ('answers', 'degraded')
group by 1, 2 order by 1`,
    },
    {
      title: "Requests waited",
      about:
        "For KV, queue or database; a Worker's clock only moves at I/O. Lists from memory wait for nothing and are not here.",
      drawn: "time",
      unit: "ms",
      sql: overTime(
        percentiles("latency", "hour", `$__timeFilter(hour) and labels ~ '${ASKED_ROUTES}'`),
      ),
    },
    {
      title: "Requests waited, by route",
      about: "The whole span that is shown.",
      drawn: "table",
      unit: "ms",
      sql: `
select name as route, max(value) filter (where metric = 'p50') as p50,
  max(value) filter (where metric = 'p99') as p99
from (${percentiles("latency", "substring(labels from 'route=([^,]+)')", "$__timeFilter(hour)")}
) as measured group by 1 order by 3 desc`,
    },
    {
      title: "Events sent",
      about: "To POST /v1/events, by verdict.",
      drawn: "time",
      stacked: true,
      sql: `
select $__timeGroupAlias(hour, '1h'), substring(labels from 'verdict=([^,]+)') as metric,
  sum(count) as value
from metrics_hourly where $__timeFilter(hour) and name = 'events'
group by 1, 2 order by 1`,
    },
    {
      title: "Consumer lag",
      about:
        "From the moment the API took an event in until it was in Postgres. It stands still when the consumer does: see what waits.",
      drawn: "time",
      unit: "ms",
      sql: overTime(percentiles("lag", "hour", "$__timeFilter(hour)")),
    },
    {
      title: "What waits, and since when nothing came",
      about:
        "Ages in seconds. Counts of the API come through the same queue as events, every minute there is traffic.",
      drawn: "table",
      sql: `
select (select count(*) from dead_letters where redriven_at is null) as dead_letters,
  (select count(*) from quarantine) as quarantined,
  (select extract(epoch from now() - max(added_at)) from traffic_flushes) as counts_age,
  (select extract(epoch from now() - ingested_at) from events order by seq desc limit 1)
    as newest_event_age`,
    },
    {
      title: "Cron runs",
      about: "The last run of each kind that left a record.",
      drawn: "table",
      sql: `
select distinct on (run) run, at, outcome, milliseconds, detail ->> 'reason' as reason
from cron_runs order by run, at desc`,
    },
  ],
};
