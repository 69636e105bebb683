/** The statement that counts whose items users of interleaved lists took to. */
import { type SQL, sql } from "drizzle-orm";

/** For so long after it was shown, what happens to an item is put down to the list, in hours. */
const CREDITED_HOURS = 24;

/**
 * Users, and how many of them lean to either arm, up to the end of each day. An item that a user
 * clicked, played or rated 4 or more counts once a day, for the team that it stood for in the latest
 * list that showed it.
 */
export function preferenceStatement(experimentId: string, until: Date): SQL {
  const end = sql`${until.toISOString()}::timestamptz`;
  return sql`
    with exposed as materialized (
      select user_id, first_exposed_at as since from exposures
      where experiment_id = ${experimentId} and first_exposed_at < ${end}
    ),
    credits as (
      select distinct x.user_id, (e.occurred_at at time zone 'UTC')::date as day, e.item_id, shown.team
      from exposed x
        join events e on e.user_id = x.user_id and e.occurred_at >= x.since and e.occurred_at < ${end}
          and (e.type in ('click', 'play') or (e.type = 'rate' and e.value >= 4))
        cross join lateral (
          select s.teams[array_position(s.items, e.item_id)] as team from served_lists s
          where s.experiment_id = ${experimentId} and s.user_id = x.user_id
            and s.served_at <= e.occurred_at
            and s.served_at > e.occurred_at - make_interval(hours => ${CREDITED_HOURS})
            and s.teams is not null and e.item_id = any (s.items)
          order by s.served_at desc limit 1
        ) as shown
    ),
    leanings as (
      select user_id, day,
        sum(sum(case team when 1 then 1 else -1 end)) over (partition by user_id order by day) as lean
      from credits group by user_id, day
    ),
    votes as (
      select day, sign(lean) as now,
        coalesce(lag(sign(lean)) over (partition by user_id order by day), 0) as old
      from leanings
    ),
    changes as (
      select day, sum((now = 1)::int - (old = 1)::int) as wins,
        sum((now = -1)::int - (old = -1)::int) as losses
      from votes group by day
    ),
    arrivals as (
      select (since at time zone 'UTC')::date as day, count(*) as users from exposed group by 1
    ),
    cumulative as (
      select grid.day::date as day,
        coalesce(sum(a.users) over so_far, 0) as users,
        coalesce(sum(c.wins) over so_far, 0) as wins,
        coalesce(sum(c.losses) over so_far, 0) as losses
      from generate_series((select min(day) from arrivals)::timestamp,
          (${end} - interval '1 millisecond') at time zone 'UTC', interval '1 day') as grid (day)
        left join arrivals a on a.day = grid.day::date
        left join changes c on c.day = grid.day::date
      window so_far as (order by grid.day)
    )
    select to_char(day, 'YYYY-MM-DD') as day, users::double precision as users,
      (sum(users) over (order by day))::double precision as "userDays",
      wins::double precision as wins, losses::double precision as losses
    from cumulative order by day`;
}
