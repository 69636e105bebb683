/** What is measured, by the names that Prometheus knows it by. */
import type { Measures } from "../../drizzle/measures.ts";
import { labelsOf } from "../../events/traffic.ts";
import type { ControlKeys } from "../../release/control-keys.ts";
import { armShares } from "../../release/pointer.ts";
import { histogram } from "./measured-times.ts";
import type { Family, Labels, Sample } from "./prometheus.ts";
import type { ServedRelease } from "./served-release.ts";

/** Counts of the roll-ups: name there, name here, and what it says. */
const COUNTERS: readonly (readonly [string, string, string])[] = [
  ["answers", "usher_answers_total", "Requests for a user's list; source none is a 5xx."],
  ["degraded", "usher_degraded_answers_total", "Answers that went around something that failed."],
  ["errors", "usher_errors_total", "Requests that ended in a 5xx."],
  ["events", "usher_events_total", "Events sent to POST /v1/events, by verdict."],
  ["clicks", "usher_clicks_total", "Clicks just made by users whom the release serves."],
  ["ratings", "usher_ratings_total", "Ratings just made by users whom the release serves."],
];

/** What the database says; when it does not answer, that alone. */
export function measuredInDatabase(measures: Measures | null): Family[] {
  const up = gauge("usher_database_up", "Whether the database answered.", [
    sample(measures === null ? 0 : 1),
  ]);
  if (measures === null) return [up];
  const { counters, cron, deadLetters, quarantined, lastEventAt, lastFlushAt } = measures;
  const of = (wanted: string) => counters.filter(({ name }) => name === wanted);
  return [
    up,
    ...COUNTERS.map(([held, name, help]): Family => {
      const samples = of(held).map(({ labels, count }) => sample(count, labelsOf(labels)));
      return { name, type: "counter", help, samples };
    }),
    histogram("usher_wait_seconds", "latency", counters, {
      help: "Time that requests waited for I/O; lists from memory wait for none and are not here.",
      by: ["route"],
    }),
    histogram("usher_consumer_lag_seconds", "lag", counters, {
      help: "From the moment the API took an event in until it was in Postgres.",
      by: [],
    }),
    gauge("usher_dead_letters", "Unreadable queue messages that wait for usher redrive.", [
      sample(deadLetters),
    ]),
    gauge("usher_quarantined_rows", "Rows and events that could not be taken in.", [
      sample(quarantined),
    ]),
    gauge(
      "usher_last_event_timestamp_seconds",
      "When the newest event was stored.",
      lastEventAt === null ? [] : [sample(lastEventAt / 1000)],
    ),
    gauge(
      "usher_last_count_timestamp_seconds",
      "When counts of the API last came through the queue.",
      lastFlushAt === null ? [] : [sample(lastFlushAt / 1000)],
    ),
    gauge(
      "usher_cron_run_timestamp_seconds",
      "Last run of each kind that left a record; trending always does.",
      cron.map(({ run, at }) => sample(at / 1000, { run })),
    ),
    gauge(
      "usher_cron_run_failed",
      "Whether that run failed.",
      cron.map(({ run, failed }) => sample(failed ? 1 : 0, { run })),
    ),
  ];
}

/** What the mutable keys say, and the manifests of what serves. */
export function measuredInKv(
  { pointer, staged, refused }: ControlKeys,
  releases: readonly ServedRelease[],
): Family[] {
  const times = (of: (manifest: NonNullable<ServedRelease["manifest"]>) => string | undefined) =>
    releases.flatMap(({ id, manifest }) => {
      const time = manifest === null ? undefined : of(manifest);
      return time === undefined ? [] : [moment(time, { release: id })];
    });
  return [
    gauge(
      "usher_release_share",
      "Share of the users whom a release serves.",
      pointer === null
        ? []
        : armShares(pointer).map(({ release, share }) => sample(share, { release })),
    ),
    gauge(
      "usher_pointer_changed_timestamp_seconds",
      "When what serves was last changed.",
      pointer === null ? [] : [moment(pointer.changedAt)],
    ),
    gauge(
      "usher_release_staged_timestamp_seconds",
      "When a release was staged that still waits to be verified.",
      staged === null ? [] : [moment(staged.stagedAt, { release: staged.release })],
    ),
    gauge(
      "usher_release_refused_timestamp_seconds",
      "When a release was refused or taken back; gone with the next that is activated.",
      refused === null ? [] : [moment(refused.refusedAt, { release: refused.release })],
    ),
    gauge(
      "usher_release_created_timestamp_seconds",
      "When a release that serves was made.",
      times(({ createdAt }) => createdAt),
    ),
    gauge(
      "usher_dataset_taken_timestamp_seconds",
      "When the dataset of a release that serves was taken.",
      times(({ dataset }) => dataset.takenAt),
    ),
  ];
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: "gauge", help, samples };
}

function moment(iso: string, labels: Labels = {}): Sample {
  return sample(Date.parse(iso) / 1000, labels);
}

function sample(value: number, labels: Labels = {}): Sample {
  return { labels, value };
}
