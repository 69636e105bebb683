import { afterAll, beforeAll, expect, test } from "vitest";
import { startTemporaryDatabase, type TemporaryDatabase } from "../local/temporary-database.ts";
import { useOfDay } from "./tenant-use.ts";
import { addTraffic } from "./traffic-flushes.ts";

let temporary: TemporaryDatabase;
beforeAll(async () => {
  temporary = await startTemporaryDatabase();
});
afterAll(() => temporary?.stop());

function flush(id: number, flushedAt: string, counts: readonly [string, string, number][]) {
  return {
    flushId: `00000000-0000-4000-8000-00000000000${id}`,
    flushedAt: Date.parse(flushedAt),
    counts: counts.map(([name, labels, count]) => {
      return { name, labels, count, sum: count, min: 1, max: 1 };
    }),
  };
}

test("a day's use is what was accepted and what was answered from one midnight in UTC to the next", async () => {
  const { database } = temporary;
  await addTraffic(database, [
    flush(1, "2026-11-29T23:59:59Z", [["events", "verdict=accepted", 1000]]),
    flush(2, "2026-11-30T00:00:00Z", [
      ["events", "verdict=accepted", 5],
      ["events", "verdict=duplicate", 100],
      ["answers", "release=r,source=list", 20],
      ["answers", "release=r,source=none", 400],
      ["latency_ms", "route=/v1/items", 9],
    ]),
    flush(3, "2026-11-30T23:59:59Z", [
      ["events", "verdict=accepted", 2],
      ["reads", "route=/v1/items", 3],
    ]),
    flush(4, "2026-12-01T00:00:00Z", [["reads", "route=/v1/items", 1000]]),
  ]);
  expect(await useOfDay(database, "2026-11-30")).toEqual({ events: 7, answers: 23 });
  expect(await useOfDay(database, "2026-12-02")).toEqual({ events: 0, answers: 0 });
});
