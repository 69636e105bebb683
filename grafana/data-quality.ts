import type { DashboardDescription } from "./dashboard.ts";

/** What comes in, what is turned away, and what datasets are made of. */
export const dataQuality: DashboardDescription = {
  uid: "usher-data",
  title: "Usher: data quality",
  about: "Straight from the events: choose a short span where there are many millions.",
  from: "now-7d",
  panels: [
    {
      title: "Events stored, by type",
      about: "By the time at which they were stored.",
      drawn: "time",
      stacked: true,
      sql: `
select $__timeGroupAlias(ingested_at, '1h'), type::text as metric, count(*) as value
from events where $__timeFilter(ingested_at) group by 1, 2 order by 1`,
    },
    {
      title: "Events stored, by source",
      about: "The API, and each import.",
      drawn: "time",
      stacked: true,
      sql: `
select $__timeGroupAlias(ingested_at, '1h'), source as metric, count(*) as value
from events where $__timeFilter(ingested_at) group by 1, 2 order by 1`,
    },
    {
      title: "Ratings given",
      about: "How many of each value.",
      drawn: "bars",
      sql: `
select value::text as rating, count(*) as events
from events where $__timeFilter(ingested_at) and value is not null
group by events.value order by events.value`,
    },
    {
      title: "Share of the busiest user and item",
      about: "Of the hour's events: a bot, or an item that is pushed.",
      drawn: "time",
      unit: "percentunit",
      sql: `
select hour as time, metric, max(n) / sum(n) as value from (
  select $__timeGroup(ingested_at, '1h') as hour, 'user' as metric, count(*)::float8 as n
    from events where $__timeFilter(ingested_at) group by 1, user_id
  union all
  select $__timeGroup(ingested_at, '1h'), 'item', count(*)
    from events where $__timeFilter(ingested_at) group by 1, item_id
) as counted group by 1, 2 order by 1`,
    },
    {
      title: "How late events come",
      about:
        "From when they happened until they were stored, in the middle. History that is imported is late by years.",
      drawn: "time",
      unit: "s",
      sql: `
select $__timeGroupAlias(ingested_at, '1h'), source as metric, percentile_cont(0.5) within group (
  order by extract(epoch from ingested_at - occurred_at)) as value
from events where $__timeFilter(ingested_at) group by 1, 2 order by 1`,
    },
    {
      title: "New users",
      about: "Seen in an event for the first time.",
      drawn: "time",
      sql: `
select $__timeGroupAlias(first_seen_at, '1h'), 'users' as metric, count(*) as value
from users where $__timeFilter(first_seen_at) group by 1 order by 1`,
    },
    {
      title: "Quarantine, by reason",
      about: "Rows and events that could not be taken in; they are kept word for word.",
      drawn: "table",
      sql: `
select reason, count(*) as rows, max(created_at) as last, min(source) as such_as_from
from quarantine where $__timeFilter(created_at) group by 1 order by 2 desc limit 50`,
    },
    {
      title: "Dead letters",
      about: "Queue messages that nobody could read; usher redrive sends them through again.",
      drawn: "table",
      sql: `
select created_at, reason, redriven_at
from dead_letters where $__timeFilter(created_at) order by 1 desc limit 50`,
    },
    {
      title: "What cleaning dropped, by dataset and rule",
      about: "Events of each dataset that a rule kept out.",
      drawn: "time",
      stacked: true,
      sql: `
select created_at as time, rule ->> 'rule' as metric, (rule ->> 'dropped')::float8 as value
from datasets cross join jsonb_array_elements(report -> 'rules') as rule
where $__timeFilter(created_at) order by 1`,
    },
    {
      title: "Size of datasets",
      about: "What models learned from.",
      drawn: "time",
      sql: `
select created_at as time, part.metric, part.value
from datasets cross join lateral (values ('interactions', interactions), ('users', users),
  ('items', items)) as part(metric, value)
where $__timeFilter(created_at) order by 1`,
    },
  ],
};
