/** Percentiles of what was counted in buckets, in SQL. */
import { ENDLESS, LATENCY_BOUNDS_MS } from "../events/latency.ts";

/** Every bucket's end and beginning; the endless one has no end. */
const BUCKETS = [
  ...LATENCY_BOUNDS_MS.map(
    (end, at) => `(${end}::float8, ${LATENCY_BOUNDS_MS[at - 1] ?? 0}::float8)`,
  ),
  `(null, ${LATENCY_BOUNDS_MS.at(-1)}::float8)`,
].join(", ");

/**
 * Rows of `name`, `metric` (`p50`, `p99`) and `value` in ms, spread evenly within a bucket as
 * `events/latency.ts` does it.
 *
 * @param what `latency` or `lag`.
 * @param name what tells the rows apart: a column of `metrics_hourly`, or an expression of `labels`.
 * @param where which rows count.
 */
export function percentiles(what: "latency" | "lag", name: string, where: string): string {
  return `
with counted as (
  select ${name} as name, sum(count)::float8 as n,
    nullif(substring(labels from '(?:^|,)le=([^,]+)'), '${ENDLESS}')::float8 as le
  from metrics_hourly where name = '${what}_bucket' and ${where} group by 1, 3
), cumulated as (
  select name, counted.le, start, n, sum(n) over (partition by name) as total,
    sum(n) over (partition by name order by counted.le nulls last) as upto
  from counted join (values ${BUCKETS}) as bucket(le, start)
    on counted.le is not distinct from bucket.le
)
select name, metric, case when le is null then start
    else start + (le - start) * (share * total - (upto - n)) / n end as value
from cumulated join (values ('p50', 0.5), ('p99', 0.99)) as wanted(metric, share)
  on upto >= share * total and upto - n < share * total
order by name, metric`;
}
