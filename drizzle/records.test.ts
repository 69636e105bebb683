import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalPostgres, startPostgres } from "../local/postgres.ts";
import { relocatedHome } from "../local/postgres-account.ts";
import { type Database, openDatabase } from "./database.ts";
import { countStored } from "./events.ts";
import { readItems, upsertItems } from "./items.ts";
import { migrate } from "./migrate.ts";
import { insertQuarantine } from "./quarantine.ts";
import {
  findRelease,
  markActive,
  newestReleaseOf,
  recordDataset,
  recordRelease,
} from "./releases.ts";

let folder: string;
let postgres: LocalPostgres;
let database: Database;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "usher-records-"));
  postgres = await startPostgres({ dataDir: path.join(folder, "postgres") });
  database = openDatabase(postgres.url, { wsProxy: postgres.wsProxy });
});

afterAll(async () => {
  await database?.close();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
  await rm(relocatedHome(path.join(folder, "postgres")), { recursive: true, force: true });
});

test("migrations run by several at once, and again, are applied once", async () => {
  const others = [1, 2].map(() => openDatabase(postgres.url, { wsProxy: postgres.wsProxy }));
  await Promise.all([database, ...others].map(migrate));
  await migrate(database);
  const applied = await database.pool.query("select * from drizzle.__drizzle_migrations");
  const files = await readdir(new URL("./migrations", import.meta.url));
  expect(applied.rows).toHaveLength(files.filter((file) => file.endsWith(".sql")).length);
  await Promise.all(others.map((other) => other.close()));
});

test("an item's last description stands; one described as before is not touched", async () => {
  const toyStory = { itemId: "1", title: "Toy", categories: ["Comedy"], year: 1995 };
  await upsertItems(database, [toyStory, { ...toyStory, title: "Toy Story" }]);
  const solaris = { itemId: "2", title: 'Solaris 🚀 "1972"', categories: [], year: null };
  await upsertItems(database, [solaris]);
  const before = await database.pool.query("select item_id, updated_at from items order by 1");
  await upsertItems(database, [solaris, { ...toyStory, title: "Toy Story" }]);
  await upsertItems(database, []);
  const after = await database.pool.query("select item_id, updated_at from items order by 1");
  expect(after.rows).toEqual(before.rows);
  const stored = await readItems(database);
  const sorted = stored.sort((a, b) => a.itemId.localeCompare(b.itemId));
  expect(sorted).toEqual([{ ...toyStory, title: "Toy Story" }, solaris]);
});

test("a bad row is kept once, with any text, cut at 2,000 characters", async () => {
  const row = { source: "import:movielens-csv/ratings.csv", line: 3, raw: "1,31", reason: "short" };
  const strange = { ...row, line: 4, raw: `a\u0000b${"x".repeat(1996)}🎬` };
  const message = { ...row, source: "queue:7", line: null };
  await insertQuarantine(database, [row, row, strange, message]);
  await insertQuarantine(database, [message, strange, row]);
  await insertQuarantine(database, []);
  expect(await countStored(database)).toMatchObject({ quarantined: 3 });
  const kept = await database.pool.query("select raw from quarantine where line = 4");
  const { raw } = kept.rows[0] as { raw: string };
  expect(raw).toHaveLength(2000);
  expect(raw.startsWith("a\u2400bx")).toBe(true);
});

test("20,000 bad rows go in one statement", async () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => ({
    source: "many",
    line: i + 1,
    raw: `row ${i}`,
    reason: "bad",
  }));
  await insertQuarantine(database, rows);
  const kept = await database.pool.query("select 1 from quarantine where source = 'many'");
  expect(kept.rows).toHaveLength(20_000);
});

test("a release is recorded with its dataset, and a newer one retires it", async () => {
  const dataset = { hash: "d1", watermark: 7, users: 2, items: 3, interactions: 5, report: {} };
  await recordDataset(database, dataset);
  await recordDataset(database, dataset);
  for (const release of ["r1", "r2"]) {
    await recordRelease(database, { release, datasetHash: "d1", status: "built", manifest: {} });
  }
  await markActive(database, "r1");
  await markActive(database, "r2");
  expect(await findRelease(database, "r1")).toMatchObject({ status: "retired" });
  expect(await findRelease(database, "r2")).toMatchObject({
    status: "active",
    activatedAt: expect.any(Date),
  });
  expect(await findRelease(database, "r9")).toBeNull();
  expect(await newestReleaseOf(database, "d1")).toMatchObject({ release: "r2" });
  expect(await newestReleaseOf(database, "d2")).toBeNull();
});
