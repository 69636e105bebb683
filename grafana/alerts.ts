/** Alert rules as Grafana is provisioned with them; each asks Postgres for one number. */
import { ASKED_ROUTES } from "../drizzle/traffic-hours.ts";
import { SOURCES } from "./dashboard.ts";
import { percentiles } from "./times.ts";

/** One rule: it fires when the number lies beyond the threshold for so long. */
export interface AlertDescription {
  /** Its name, and the heading of docs/operating.md that says what to do. */
  readonly uid: string;
  readonly title: string;
  /** What has happened, for the person it wakes. */
  readonly summary: string;
  /** Gives one row with one number, `value`; nothing is nought. */
  readonly sql: string;
  readonly above: number;
  readonly for: "0m" | "5m" | "15m" | "30m";
  readonly severity: "page" | "ticket";
}

/** The roll-ups are hourly: this hour and the one before, so that an hour's beginning is not empty. */
const OF_LATE = "hour >= date_trunc('hour', now()) - interval '1 hour'";

/** A share of the answers of late; under 100 of them it says nothing. */
function shareOfAnswers(bad: string): string {
  return `
select case when sum(count) filter (where name = 'answers') >= 100
  then coalesce(sum(count) filter (where ${bad}), 0)
    / sum(count) filter (where name = 'answers') else 0 end::float8 as value
from metrics_hourly where ${OF_LATE} and name in ('answers', 'degraded')`;
}

/** The 99th percentile of late, in ms. */
function p99(what: "latency" | "lag", where: string): string {
  return `
select coalesce(max(value), 0)::float8 as value
from (${percentiles(what, "'all'", `${OF_LATE} and ${where}`)}) as measured where metric = 'p99'`;
}

export const ALERTS: readonly AlertDescription[] = [
  {
    uid: "errors",
    title: "Lists fail",
    summary: "More than 1 % of the requests for a list ended in a 5xx.",
    sql: shareOfAnswers("name = 'answers' and labels like '%source=none%'"),
    above: 0.01,
    for: "5m",
    severity: "page",
  },
  {
    uid: "degraded",
    title: "Lists are degraded",
    summary: "More than 5 % of the lists went around something that failed.",
    sql: shareOfAnswers("name = 'degraded'"),
    above: 0.05,
    for: "5m",
    severity: "ticket",
  },
  {
    uid: "fallbacks",
    title: "Lists are not personal",
    summary: "More than 30 % of the lists were neither made ahead nor folded in.",
    sql: shareOfAnswers("name = 'answers' and labels !~ 'source=(list|fold-in)'"),
    above: 0.3,
    for: "30m",
    severity: "ticket",
  },
  {
    uid: "slow",
    title: "Answers are slow",
    summary: "1 in 100 requests waited for more than half a second.",
    sql: p99("latency", `labels ~ '${ASKED_ROUTES}'`),
    above: 500,
    for: "15m",
    severity: "ticket",
  },
  {
    uid: "consumer-lag",
    title: "Events are late",
    summary: "1 in 100 events took more than ten seconds to Postgres.",
    sql: p99("lag", "true"),
    above: 9_999,
    for: "15m",
    severity: "ticket",
  },
  {
    uid: "queue-stands-still",
    title: "Nothing comes through the queue",
    summary:
      "No counts of the API arrived for 15 minutes: the consumer stands still, or nobody asks.",
    sql: `
select coalesce(extract(epoch from now() - max(added_at)), 0)::float8 as value
from traffic_flushes`,
    above: 900,
    for: "5m",
    severity: "page",
  },
  {
    uid: "data-stale",
    title: "Data is stale",
    summary: "What serves was learned from data that is more than two days old.",
    sql: `
select coalesce(max(extract(epoch from now() - (manifest #>> '{dataset,takenAt}')::timestamptz)), 0)
  ::float8 as value
from releases where status = 'active'`,
    above: 172_800,
    for: "5m",
    severity: "ticket",
  },
  {
    uid: "cycle-failed",
    title: "A cycle did not finish",
    summary: "A release was built or staged more than an hour ago and does not serve.",
    sql: `
select count(*)::float8 as value from releases where status in ('built', 'staged')
  and created_at between now() - interval '1 day' and now() - interval '1 hour'
  and created_at > coalesce((select max(created_at) from releases where status = 'active'),
    '-infinity')`,
    above: 0,
    for: "0m",
    severity: "ticket",
  },
  {
    uid: "release-refused",
    title: "A release was refused",
    summary: "A gate or the cron Worker refused a release, or a guardrail took one back, today.",
    sql: `
select (select count(*) from releases
    where status = 'refused' and created_at > now() - interval '1 day')
  + (select count(*) from cron_runs
    where outcome in ('refused', 'rolled-back') and at > now() - interval '1 day') as value`,
    above: 0,
    for: "0m",
    severity: "ticket",
  },
  {
    uid: "cron-stands-still",
    title: "The cron Worker stands still",
    summary: "Trending was not computed for half an hour.",
    sql: `
select coalesce(extract(epoch from now() - max(at)), 0)::float8 as value
from cron_runs where run = 'trending'`,
    above: 1_800,
    for: "5m",
    severity: "ticket",
  },
  {
    uid: "cron-fails",
    title: "The cron Worker fails",
    summary: "The last run of some kind failed.",
    sql: `
select count(*) filter (where outcome = 'failed')::float8 as value
from (select distinct on (run) run, outcome from cron_runs order by run, at desc) as last`,
    above: 0,
    for: "15m",
    severity: "ticket",
  },
  {
    uid: "dead-letters",
    title: "Dead letters wait",
    summary: "There are queue messages that this version cannot read.",
    sql: "select count(*)::float8 as value from dead_letters where redriven_at is null",
    above: 0,
    for: "0m",
    severity: "ticket",
  },
  {
    uid: "quarantine-grows",
    title: "Quarantine grows",
    summary: "More than 100 rows or events of the last hour could not be taken in.",
    sql: `
select count(*)::float8 as value from quarantine where created_at > now() - interval '1 hour'`,
    above: 100,
    for: "0m",
    severity: "ticket",
  },
];

/** The provisioning file. `USHER_DOCS` is where the documentation is read, for the runbook's link. */
export function alertingJson(alerts: readonly AlertDescription[]) {
  const rules = alerts.map((alert) => ({
    uid: `usher-${alert.uid}`,
    title: alert.title,
    condition: "B",
    data: [asked(alert), compared(alert)],
    for: alert.for,
    noDataState: "OK",
    // A database that does not answer is the first alert of all.
    execErrState: "Alerting",
    annotations: {
      summary: alert.summary,
      runbook_url: `$USHER_DOCS/operating.md#${alert.uid}`,
    },
    labels: { severity: alert.severity },
  }));
  return {
    apiVersion: 1,
    groups: [{ orgId: 1, name: "usher", folder: "Usher", interval: "1m", rules }],
  };
}

function asked({ sql }: AlertDescription) {
  const datasource = SOURCES.postgres;
  return {
    refId: "A",
    relativeTimeRange: { from: 600, to: 0 },
    datasourceUid: datasource.uid,
    model: { refId: "A", datasource, format: "table", rawQuery: true, rawSql: sql },
  };
}

function compared({ above }: AlertDescription) {
  return {
    refId: "B",
    datasourceUid: "__expr__",
    model: {
      refId: "B",
      datasource: { type: "__expr__", uid: "__expr__" },
      type: "threshold",
      expression: "A",
      conditions: [{ evaluator: { type: "gt", params: [above] } }],
    },
  };
}
