import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalPostgres, startPostgres } from "../local/postgres.ts";
import { relocatedHome } from "../local/postgres-account.ts";
import { forgetCronRuns, lastCronRuns, recordCronRun } from "./cron-runs.ts";
import { type Database, openDatabase } from "./database.ts";
import { migrate, pendingMigrations } from "./migrate.ts";
import { listReleases, recordDataset, recordRelease } from "./releases.ts";
import { metricsHourly } from "./schema.ts";
import { trafficSince } from "./traffic.ts";

let folder: string;
let postgres: LocalPostgres;
let database: Database;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "usher-serving-records-"));
  postgres = await startPostgres({ dataDir: path.join(folder, "postgres") });
  database = openDatabase(postgres.url, { wsProxy: postgres.wsProxy });
});

afterAll(async () => {
  await database?.close();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
  await rm(relocatedHome(path.join(folder, "postgres")), { recursive: true, force: true });
});

test("an empty database lacks all migrations, a migrated one none", async () => {
  const all = await pendingMigrations(database);
  expect(all[0]).toBe("0000_initial");
  expect(all.length).toBeGreaterThan(1);
  await migrate(database);
  expect(await pendingMigrations(database)).toEqual([]);
  await database.pool.query(
    "delete from drizzle.__drizzle_migrations where created_at = (select max(created_at) from drizzle.__drizzle_migrations)",
  );
  expect(await pendingMigrations(database)).toEqual([all.at(-1)]);
});

test("of each kind of run the last is told, newest first; old ones are forgotten", async () => {
  const run = (name: string, minute: number, outcome: string) =>
    recordCronRun(database, {
      run: name,
      at: new Date(Date.UTC(2026, 0, 1, 0, minute)),
      outcome,
      detail: { minute },
      milliseconds: 3,
    });
  await run("activate", 1, "verifying");
  await run("trending", 2, "written");
  await run("activate", 3, "activated");
  const last = await lastCronRuns(database);
  expect(last.map(({ run, outcome, detail }) => [run, outcome, detail["minute"]])).toEqual([
    ["activate", "activated", 3],
    ["trending", "written", 2],
  ]);
  await forgetCronRuns(database, new Date(Date.UTC(2026, 0, 1, 0, 3)));
  expect((await lastCronRuns(database)).map(({ run }) => run)).toEqual(["activate"]);
});

test("the traffic of each release is summed from its hours, whatever the order of labels", async () => {
  const row = (hour: number, name: string, labels: string, count: number) => ({
    hour: new Date(Date.UTC(2026, 0, 1, hour)),
    name,
    labels,
    count,
    sum: count,
    min: 1,
    max: 1,
  });
  await database.db
    .insert(metricsHourly)
    .values([
      row(1, "answers", "release=a,source=list", 1_000),
      row(2, "answers", "release=a,source=list", 100),
      row(2, "answers", "release=a,source=fold-in", 10),
      row(2, "answers", "release=a,source=trending", 5),
      row(3, "answers", "release=a,source=fallback", 2),
      row(3, "errors", "release=a", 4),
      row(2, "clicks", "arm=1,release=b", 7),
      row(2, "ratings", "release=b", 8),
      row(2, "latency", "release=c", 9),
      row(2, "errors", "route=/v1/events", 9),
    ]);
  const nothing = { answers: 0, fallbacks: 0, errors: 0, clicks: 0, ratings: 0 };
  expect(await trafficSince(database, new Date(Date.UTC(2026, 0, 1, 2, 30)))).toEqual([
    { ...nothing, release: "a", answers: 117, fallbacks: 7, errors: 4 },
    { ...nothing, release: "b", clicks: 7, ratings: 8 },
  ]);
});

test("releases are listed newest first, with sizes and metrics from their manifests", async () => {
  const dataset = { hash: "d", watermark: 1, users: 1, items: 1, interactions: 1, report: {} };
  await recordDataset(database, dataset);
  const manifest = {
    model: { name: "radial" },
    metrics: { "ndcg@100": { mean: 0.4, ci95: [0.3, 0.5] } },
    values: [{ bytes: 3_000_000_000 }, { bytes: 5 }],
  };
  const common = { datasetHash: "d", status: "built" as const };
  await recordRelease(database, { ...common, release: "r1", manifest });
  await recordRelease(database, { ...common, release: "r2", manifest: {} });
  const [newest, oldest] = await listReleases(database, 5);
  expect(newest).toMatchObject({ release: "r2", model: null, metrics: {}, values: 0, bytes: 0 });
  expect(oldest).toMatchObject({ release: "r1", model: "radial", values: 2, bytes: 3_000_000_005 });
  expect(oldest?.metrics["ndcg@100"]?.mean).toBe(0.4);
  expect(await listReleases(database, 1)).toHaveLength(1);
});
