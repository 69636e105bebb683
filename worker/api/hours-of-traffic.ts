import type { HourlyCount } from "../../drizzle/traffic-hours.ts";
import { latencyQuantile } from "../../events/latency.ts";

/** An hour as a page shows it; times in ms, null when nothing was measured. */
export interface HourOfTraffic {
  /** ISO 8601, in UTC. */
  readonly hour: string;
  /** Requests for a user's list, by source; `none` ended in a 5xx. */
  readonly answers: Readonly<Record<"list" | "fold-in" | "trending" | "fallback" | "none", number>>;
  readonly degraded: number;
  /** 5xx of every route. */
  readonly errors: number;
  readonly events: Readonly<Record<"accepted" | "duplicate" | "rejected", number>>;
  /** Waiting for I/O, of what people ask. */
  readonly wait: Percentiles;
  /** From the API until stored. */
  readonly lag: Percentiles;
}

interface Percentiles {
  readonly p50: number | null;
  readonly p99: number | null;
}

const HOUR_MS = 3_600_000;

/** Every one of the last hours, oldest first, those without counts included. @param now epoch ms. */
export function hoursOfTraffic(
  counts: readonly HourlyCount[],
  hours: number,
  now: number,
): HourOfTraffic[] {
  const current = Math.floor(now / HOUR_MS) * HOUR_MS;
  return Array.from({ length: hours }, (_, at) => {
    const hour = `${new Date(current - (hours - 1 - at) * HOUR_MS).toISOString().slice(0, 19)}Z`;
    return hourOfTraffic(
      hour,
      counts.filter((count) => count.hour === hour),
    );
  });
}

function hourOfTraffic(hour: string, counts: readonly HourlyCount[]): HourOfTraffic {
  const parts = (wanted: string) =>
    Object.fromEntries(
      counts.filter(({ name }) => name === wanted).map(({ part, count }) => [part, count]),
    );
  const total = (wanted: string) => Object.values(parts(wanted)).reduce((sum, n) => sum + n, 0);
  const { list = 0, trending = 0, fallback = 0, none = 0, ...others } = parts("answers");
  const { accepted = 0, duplicate = 0, rejected = 0 } = parts("events");
  return {
    hour,
    answers: { list, "fold-in": others["fold-in"] ?? 0, trending, fallback, none },
    degraded: total("degraded"),
    errors: total("errors"),
    events: { accepted, duplicate, rejected },
    wait: percentiles(parts("latency_bucket")),
    lag: percentiles(parts("lag_bucket")),
  };
}

function percentiles(buckets: Readonly<Record<string, number>>): Percentiles {
  return { p50: latencyQuantile(buckets, 0.5), p99: latencyQuantile(buckets, 0.99) };
}
