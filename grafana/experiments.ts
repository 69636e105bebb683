import type { DashboardDescription } from "./dashboard.ts";

/** Arms side by side. Verdicts are the results page's: it looks as often as it likes and stays right. */
export const experiments: DashboardDescription = {
  uid: "usher-experiments",
  title: "Usher: experiments",
  about: "For watching, not for deciding: intervals and verdicts are on the experiment's own page.",
  from: "now-30d",
  panels: [
    {
      title: "Experiments",
      about: "What runs, what ran, and which arm was shipped.",
      drawn: "table",
      width: 24,
      sql: `
select created_at, id, name, mode, status, primary_metric, minimum_effect, started_at, stopped_at,
  shipped_arm
from experiments order by created_at desc limit 100`,
    },
    {
      title: "Users seen for the first time, by arm",
      about: "An arm that falls behind its share is a fault of the experiment.",
      drawn: "time",
      stacked: true,
      sql: `
select $__timeGroupAlias(first_exposed_at, '1h'), experiment_id || ' ' || arm as metric,
  count(*) as value
from exposures where $__timeFilter(first_exposed_at) group by 1, 2 order by 1`,
    },
    {
      title: "Users and answers, by arm",
      about: "Share is of the users of the experiment; wanted is what it was defined with.",
      drawn: "table",
      sql: `
select experiment_id, exposures.arm, count(*) as users, sum(answers) as answers,
  count(*)::float8 / sum(count(*)) over (partition by experiment_id) as share,
  max((wanted ->> 'share')::float8) as wanted
from exposures join experiments on experiments.id = experiment_id
  left join lateral jsonb_array_elements(arms) as wanted on wanted ->> 'name' = exposures.arm
where $__timeFilter(last_exposed_at) group by 1, 2 order by 1, 2`,
    },
    {
      title: "Clicks and ratings per user, by arm",
      about: "Events from a user's first exposure on.",
      drawn: "table",
      sql: `
select experiment_id, arm, count(distinct exposures.user_id) as users,
  count(*) filter (where type = 'click')::float8 / count(distinct exposures.user_id) as clicks,
  count(*) filter (where type = 'rate')::float8 / count(distinct exposures.user_id) as ratings
from exposures left join events
  on events.user_id = exposures.user_id and occurred_at >= first_exposed_at
where $__timeFilter(last_exposed_at) group by 1, 2 order by 1, 2`,
    },
    {
      title: "Clicks, by arm",
      about: "Of users in experiments, from their first exposure on.",
      drawn: "time",
      sql: `
select $__timeGroupAlias(occurred_at, '1h'), experiment_id || ' ' || arm as metric,
  count(*) as value
from exposures join events on events.user_id = exposures.user_id
  and occurred_at >= first_exposed_at
where $__timeFilter(occurred_at) and type = 'click' group by 1, 2 order by 1`,
    },
  ],
};
