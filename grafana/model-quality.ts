import { RELEASE_DRIFT } from "../drizzle/release-drift.ts";
import type { DashboardDescription } from "./dashboard.ts";

/** A metric of every release with its interval, and that of the baseline it was compared with. */
function measured(metric: string): string {
  return `
select created_at as time, part.metric, (manifest #>> part.at)::float8 as value
from releases cross join (values
  ('mean', array['metrics', '${metric}', 'mean']),
  ('95 % from', array['metrics', '${metric}', 'ci95', '0']),
  ('95 % to', array['metrics', '${metric}', 'ci95', '1']),
  ('baseline', array['baseline', 'metrics', '${metric}', 'mean'])) as part(metric, at)
where $__timeFilter(created_at) order by 1`;
}

/** How good releases are on held-out users, and what people do with them. */
export const modelQuality: DashboardDescription = {
  uid: "usher-models",
  title: "Usher: model quality",
  about: "A point a release. docs/evaluation.md tells how a model is judged.",
  from: "now-90d",
  panels: [
    {
      title: "NDCG@100",
      about: "On users whom the model has never seen, beside the baseline of the same training.",
      drawn: "time",
      sql: measured("ndcg@100"),
    },
    {
      title: "Recall@50",
      about: "On the same users.",
      drawn: "time",
      sql: measured("recall@50"),
    },
    {
      title: "Releases",
      about: "What became of each, and what its gate said.",
      drawn: "table",
      width: 24,
      sql: `
select created_at, release, status::text, manifest #>> '{model,name}' as model,
  (manifest #>> '{metrics,ndcg@100,mean}')::float8 as "ndcg@100",
  manifest #>> '{baseline,name}' as baseline,
  (manifest #>> '{gate,forced}')::boolean as forced,
  (select string_agg(reason, ' ') from jsonb_array_elements_text(manifest #> '{gate,reasons}')
    as reason) as reasons, activated_at
from releases where $__timeFilter(created_at) order by created_at desc`,
    },
    {
      title: "Clicks and ratings per 1,000 lists, by release",
      about:
        "Events of the hour of users whom the release serves. What caches answered is not among the lists.",
      drawn: "time",
      sql: `
select $__timeGroupAlias(hour, '1h'), responses.name || ' ' || release as metric,
  1000.0 * sum(count) filter (where counted.name = responses.name)
    / nullif(sum(count) filter (where counted.name = 'answers'), 0) as value
from (select hour, name, count, substring(labels from 'release=([^,]+)') as release
    from metrics_hourly where $__timeFilter(hour) and name in ('answers', 'clicks', 'ratings')
  ) as counted cross join (values ('clicks'), ('ratings')) as responses(name)
where release is not null group by 1, 2 order by 1`,
    },
    {
      title: "Share of personal lists, by release",
      about: "Made ahead or folded in, rather than trending or a fallback.",
      drawn: "time",
      unit: "percentunit",
      sql: `
select $__timeGroupAlias(hour, '1h'), substring(labels from 'release=([^,]+)') as metric,
  coalesce(sum(count) filter (where labels ~ 'source=(list|fold-in)'), 0) / sum(count) as value
from metrics_hourly where $__timeFilter(hour) and name = 'answers'
group by 1, 2 order by 1`,
    },
    {
      title: "Drift of the ratings",
      about:
        "Population stability index from one release to the next; over 0.25 it is another population.",
      drawn: "time",
      sql: `
select created_at as time, 'stability index' as metric, rating_psi as value
from (${RELEASE_DRIFT}) as drift where $__timeFilter(created_at) order by 1`,
    },
    {
      title: "Interactions, over those of the release before",
      about: "Below 0.5 the gate refuses: events are missing.",
      drawn: "time",
      sql: `
select created_at as time, 'ratio' as metric, volume_ratio as value
from (${RELEASE_DRIFT}) as drift where $__timeFilter(created_at) order by 1`,
    },
  ],
};
