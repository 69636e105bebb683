import { labelsOf, type TrafficCount, type TrafficMessage } from "../../events/traffic.ts";
import type { WaitUntil } from "./deadline.ts";
import type { ApiEnv } from "./environment.ts";
import { Traffic } from "./traffic.ts";

/** Seconds between two flushes of an isolate, where `TRAFFIC_FLUSH_SECONDS` does not say. */
const FLUSH_SECONDS = "60";

const traffics = new WeakMap<KVNamespace, Traffic>();

/** What this isolate counts. */
export function trafficOf(env: ApiEnv): Traffic {
  const known = traffics.get(env.RELEASES);
  if (known !== undefined) return known;
  const traffic = new Traffic(Date.now() + flushMs(env));
  traffics.set(env.RELEASES, traffic);
  return traffic;
}

/**
 * The one way out of what was counted: when a flush is due, one message into the queue of events,
 * whose consumer adds it to the roll-ups in Postgres, and data points into Analytics Engine where
 * that is bound. No answer waits for it; one that fails is lost, and the log says so.
 */
export function telemetry(env: ApiEnv, waitUntil: WaitUntil): void {
  const traffic = trafficOf(env);
  const now = Date.now();
  if (now < traffic.flushAt) return;
  traffic.flushAt = now + flushMs(env);
  const counts = traffic.take();
  if (counts.length === 0) return;
  const flushId = crypto.randomUUID();
  waitUntil(send(env, { v: 1, kind: "traffic", flushId, flushedAt: now, counts }));
}

async function send({ EVENTS, TELEMETRY }: ApiEnv, message: TrafficMessage): Promise<void> {
  try {
    for (const point of dataPoints(message.counts)) TELEMETRY?.writeDataPoint(point);
    await EVENTS.send(message);
  } catch (error) {
    console.error(JSON.stringify({ telemetry: "not sent", error: (error as Error).message }));
  }
}

function flushMs({ TRAFFIC_FLUSH_SECONDS = FLUSH_SECONDS }: ApiEnv): number {
  return Number(TRAFFIC_FLUSH_SECONDS) * 1000;
}

/** The columns `double1` … of a release's data point, by the name and source of what was counted. */
const COLUMNS: readonly string[] = [
  "answers list",
  "answers fold-in",
  "answers trending",
  "answers fallback",
  "answers none",
  "degraded",
  "clicks",
  "ratings",
];

/** A data point for each release: `index1` and `blob1` name it. */
function dataPoints(counts: readonly TrafficCount[]): AnalyticsEngineDataPoint[] {
  const byRelease = new Map<string, number[]>();
  for (const { name, labels, count } of counts) {
    const { release, source } = labelsOf(labels);
    const wanted = source === undefined ? name : `${name} ${source}`;
    const column = COLUMNS.indexOf(wanted);
    if (release === undefined || column < 0) continue;
    const doubles = byRelease.get(release) ?? COLUMNS.map(() => 0);
    doubles[column]! += count;
    byRelease.set(release, doubles);
  }
  return [...byRelease].map(([release, doubles]) => {
    return { indexes: [release.slice(0, 96)], blobs: [release], doubles };
  });
}
