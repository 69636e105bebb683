import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTemporaryDatabase, type TemporaryDatabase } from "../local/temporary-database.ts";
import { stabilityIndex } from "../trainer/stability-index.ts";
import { recordCronRun } from "./cron-runs.ts";
import { readMonthUsage } from "./month-usage.ts";
import { readReleaseDrift } from "./release-drift.ts";
import { recordDataset, recordRelease } from "./releases.ts";
import { addTraffic } from "./traffic-flushes.ts";
import { readTrafficHours } from "./traffic-hours.ts";

let temporary: TemporaryDatabase;
beforeAll(async () => {
  temporary = await startTemporaryDatabase();
});
afterAll(() => temporary?.stop());
beforeEach(() =>
  temporary.database.pool.query("truncate metrics_hourly, cron_runs, releases, datasets cascade"),
);

async function counted(counts: readonly (readonly [string, string, number])[], flushedAt: number) {
  await addTraffic(temporary.database, [
    {
      flushId: crypto.randomUUID(),
      flushedAt,
      counts: counts.map(([name, labels, count]) => {
        return { name, labels, count, sum: count, min: 1, max: 1 };
      }),
    },
  ]);
}

async function released(release: string, interactions: number, values: number[] | null) {
  const dataset = { hash: release, watermark: 1, users: 1, items: 1, interactions, report: {} };
  await recordDataset(temporary.database, dataset);
  const manifest = {
    dataset: { interactions, ...(values === null ? {} : { sketch: { values } }) },
    listed: { values: 3, bytes: 700 },
    values: [
      { key: "catalogue", bytes: 1_000 },
      { key: "l/0", bytes: 500 },
    ],
  };
  const row = { release, datasetHash: release, status: "active" as const, manifest };
  await recordRelease(temporary.database, row);
}

test("traffic is told by hour and source, without what operators ask", async () => {
  const now = Date.now();
  await counted(
    [
      ["answers", "release=a,source=list", 3],
      ["answers", "release=b,source=list", 4],
      ["latency_bucket", "le=5,route=/recommend/:userId", 2],
      ["latency_bucket", "le=5,route=/v1/items/:itemId", 1],
      ["latency_bucket", "le=5,route=/metrics", 9],
    ],
    now,
  );
  await counted([["answers", "release=a,source=list", 99]], now - 30 * 3_600_000);
  const hour = `${new Date(Math.floor(now / 3.6e6) * 3.6e6).toISOString().slice(0, 19)}Z`;
  expect(await readTrafficHours(temporary.database, 24)).toEqual([
    { hour, name: "answers", part: "list", count: 7 },
    { hour, name: "latency_bucket", part: "5", count: 3 },
  ]);
});

test("a month's use is what was answered, queued, pushed and deleted in it", async () => {
  const { database } = temporary;
  expect(await readMonthUsage(database)).toMatchObject({ computed: 0, kvWrites: 0 });
  await counted(
    [
      ["answers", "release=a,source=list", 10],
      ["latency_ms", "route=/recommend/:userId", 2],
      ["latency_ms", "route=/v1/events", 5],
      ["queue_messages", "", 6],
    ],
    Date.now(),
  );
  await counted([["queue_messages", "", 1_000]], Date.now() - 40 * 86_400_000);
  await released("r1", 1, null);
  const run = { at: new Date(), milliseconds: 1 };
  await recordCronRun(database, { ...run, run: "trending", outcome: "written", detail: {} });
  await recordCronRun(database, { ...run, run: "trending", outcome: "unchanged", detail: {} });
  const detail = { deletedKeys: 40 };
  await recordCronRun(database, { ...run, run: "retention", outcome: "deleted", detail });
  expect(await readMonthUsage(database)).toEqual({
    ...{ computed: 7, fromMemory: 8, queueMessages: 6 },
    ...{ kvWrites: 2 + 3 + 3 + 1, kvDeletes: 40, kvStoredBytes: 1_500 + 700 },
  });
});

test("drift between releases is what the gate computes", async () => {
  const [before, now] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    [5, 9, 9, 9, 9, 9, 0, 0, 0, 0, 1],
  ];
  await released("r1", 100, before);
  await released("r2", 250, now);
  await released("r3", 250, null);
  const drift = await readReleaseDrift(temporary.database, 10);
  expect(drift.map(({ release, volumeRatio }) => [release, volumeRatio])).toEqual([
    ["r1", null],
    ["r2", 2.5],
    ["r3", 1],
  ]);
  expect(drift[0]!.ratingPsi).toBeNull();
  expect(drift[1]!.ratingPsi).toBeCloseTo(stabilityIndex(now, before), 10);
  expect(drift[2]!.ratingPsi).toBeNull();
});
