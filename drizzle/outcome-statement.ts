/** The statement that adds up what users did since they first saw an experiment. */
import { type SQL, sql } from "drizzle-orm";
import type { MetricName } from "../experiments/definition.ts";

/** How far back a user's activity before the first exposure is looked at, in days. */
const DAYS_BEFORE = 28;

/** A metric of one user over some rows of `events`, as `e`. */
const VALUE: Readonly<Record<MetricName, SQL>> = {
  clicks: sql`count(*) filter (where e.type = 'click')`,
  plays: sql`count(*) filter (where e.type = 'play')`,
  ratings: sql`count(*) filter (where e.type = 'rate')`,
  liked: sql`max((e.type = 'rate' and e.value >= 4)::int)`,
  active: sql`1`,
  minutes: sql`coalesce(sum(e.minutes) filter (where e.type = 'play'), 0)`,
};

/** Metrics of yes or no: a second yes of the same user adds nothing. */
const FLAGS: ReadonlySet<MetricName> = new Set(["liked", "active"]);

/**
 * Sums by metric, arm, segment and day, each up to the end of its day, of outcomes, their squares and
 * their products with the same metric before the exposure. Only days on which a user did something are
 * read: a square grows by the square of the new sum less that of the old one.
 *
 * @param exposed a query for `user_id`, `arm`, `segment` and `since`, a row a user.
 * @param until what comes later is not counted.
 */
export function outcomeStatement(
  exposed: SQL,
  metrics: readonly [MetricName, ...MetricName[]],
  until: Date,
): SQL {
  const end = sql`${until.toISOString()}::timestamptz`;
  const values = listed(metrics, (name, column) => sql`${VALUE[name]} as ${column}`);
  const olds = listed(metrics, (name, column) => {
    const sum = FLAGS.has(name) ? sql`max` : sql`sum`;
    return sql`coalesce(${sum}(${column}) over past, 0) as ${sql.identifier(`old_${name}`)}`;
  });
  const grown = listed(metrics, (name, column) => {
    const old = sql`r.${sql.identifier(`old_${name}`)}`;
    const now = FLAGS.has(name) ? sql`greatest(${old}, r.${column})` : sql`${old} + r.${column}`;
    return sql`(${name}, ${old}::double precision, (${now})::double precision, ${before(column)})`;
  });
  const found = listed(metrics, (name, column) => sql`(${name}, ${before(column)})`);
  return sql`
    with exposed as materialized (${exposed}),
    earlier as (
      select x.user_id, ${values}
      from exposed x join events e
        on e.user_id = x.user_id and e.occurred_at < x.since
        and e.occurred_at >= x.since - make_interval(days => ${DAYS_BEFORE})
      group by 1
    ),
    happened as (
      select x.user_id, x.arm, x.segment, (e.occurred_at at time zone 'UTC')::date as day, ${values}
      from exposed x join events e
        on e.user_id = x.user_id and e.occurred_at >= x.since and e.occurred_at < ${end}
      group by 1, 2, 3, 4
    ),
    running as (
      select *, ${olds} from happened
      window past as (partition by user_id, arm, segment order by day
        rows between unbounded preceding and 1 preceding)
    ),
    outcomes as (
      select r.arm, r.segment, r.day, metric, sum(new - old) as sum,
        sum(new * new - old * old) as squares, sum((new - old) * before) as products
      from running r left join earlier b using (user_id)
        cross join lateral (values ${grown}) as named (metric, old, new, before)
      group by 1, 2, 3, 4
    ),
    arrivals as (
      select x.arm, x.segment, (x.since at time zone 'UTC')::date as day, metric, count(*) as users,
        sum(before) as before, sum(before * before) as squares
      from exposed x left join earlier b using (user_id)
        cross join lateral (values ${found}) as named (metric, before)
      group by 1, 2, 3, 4
    ),
    grid as (
      select groups.arm, groups.segment, metric, day::date as day
      from (select distinct arm, segment from exposed) as groups
        cross join (values ${listed(metrics, (name) => sql`(${name})`)}) as named (metric)
        cross join generate_series(
          (select min((since at time zone 'UTC')::date)::timestamp from exposed),
          (${end} - interval '1 millisecond') at time zone 'UTC', interval '1 day') as day
    ),
    cumulative as (
      select g.*, coalesce(sum(a.users) over so_far, 0) as users,
        coalesce(sum(o.sum) over so_far, 0) as sum,
        coalesce(sum(o.squares) over so_far, 0) as squares,
        coalesce(sum(a.before) over so_far, 0) as before,
        coalesce(sum(a.squares) over so_far, 0) as before_squares,
        coalesce(sum(o.products) over so_far, 0) as products
      from grid g
        left join arrivals a using (arm, segment, metric, day)
        left join outcomes o using (arm, segment, metric, day)
      window so_far as (partition by g.arm, g.segment, g.metric order by g.day)
    )
    select metric, arm, segment, to_char(day, 'YYYY-MM-DD') as day, users::double precision as users,
      (sum(users) over (partition by arm, segment, metric order by day))::double precision as "userDays",
      sum::double precision as sum, squares::double precision as squares,
      before::double precision as before, before_squares::double precision as "beforeSquares",
      products::double precision as products
    from cumulative order by day, arm, segment, metric`;
}

/**
 * Users by their outcome of one metric, in bins from 0 to 1 and from each power of two to the next.
 *
 * @param exposed as for {@link outcomeStatement}.
 */
export function binStatement(exposed: SQL, metric: MetricName, until: Date): SQL {
  return sql`
    with exposed as materialized (${exposed}),
    totals as (
      select x.user_id, (${VALUE[metric]})::double precision as value
      from exposed x join events e
        on e.user_id = x.user_id and e.occurred_at >= x.since
        and e.occurred_at < ${until.toISOString()}::timestamptz
      group by 1
    )
    select x.arm, case when coalesce(t.value, 0) < 1 then 0
        else 2 ^ floor(log(2, t.value::numeric)) end::double precision as from,
      count(*)::double precision as users
    from exposed x left join totals t using (user_id)
    group by 1, 2 order by 1, 2`;
}

/** The metrics, each as a part of the statement, between commas. */
function listed(metrics: readonly MetricName[], part: (name: MetricName, column: SQL) => SQL): SQL {
  return sql.join(
    metrics.map((name) => part(name, sql`${sql.identifier(name)}`)),
    sql`, `,
  );
}

/** What a user did before, in a row joined as `b`. */
function before(column: SQL): SQL {
  return sql`coalesce(b.${column}, 0)::double precision`;
}
