import type { Database } from "../drizzle/database.ts";
import { addTraffic, type NewTrafficFlush } from "../drizzle/traffic-flushes.ts";

/** The last 23 hours of a small service, made up, as its Workers would have counted them. */
export async function addDayOfTraffic(database: Database, release: string): Promise<void> {
  const now = Date.now();
  const flushes = Array.from({ length: 23 }, (_, hour): NewTrafficFlush => {
    const load = Math.round(1_600 + 1_200 * Math.sin((hour + 3) / 4));
    const counts = countsOf(release, load, hour).map(([name, labels, count]) => {
      return { name, labels, count, sum: count, min: 1, max: 1 };
    });
    const flushedAt = now - (hour + 1) * 3_600_000;
    return { flushId: crypto.randomUUID(), flushedAt, counts };
  });
  await addTraffic(database, flushes);
}

function countsOf(release: string, load: number, hour: number): [string, string, number][] {
  const route = "route=/recommend/:userId";
  return [
    ["answers", `release=${release},source=list`, load],
    ["answers", `release=${release},source=fold-in`, load >> 2],
    ["answers", `release=${release},source=trending`, load >> 3],
    ["latency_ms", route, load >> 1],
    ["latency_bucket", `le=1,${route}`, load >> 2],
    ["latency_bucket", `le=10,${route}`, load >> 3],
    ["latency_bucket", `le=50,${route}`, 20 + hour],
    ["events", "verdict=accepted", load >> 2],
    ["events", "verdict=rejected", 1 + (hour % 3)],
    ["lag_bucket", "le=1000", load >> 3],
    ["lag_bucket", "le=2000", 3 + hour],
    ["queue_messages", "", load >> 1],
    ["degraded", `release=${release}`, hour % 7 === 5 ? 4 + hour : 1],
  ];
}
