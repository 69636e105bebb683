/** The migration that makes events a partitioned table, on a database that is in use. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { drizzle } from "drizzle-orm/neon-serverless";
import { migrate as applyMigrations } from "drizzle-orm/neon-serverless/migrator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalPostgres, startPostgres } from "../local/postgres.ts";
import { relocatedHome } from "../local/postgres-account.ts";
import { type Database, openDatabase } from "./database.ts";
import { eventPartitions } from "./event-partitions.ts";
import { insertEvents, type NewEvent } from "./events.ts";
import { migrate } from "./migrate.ts";
import { takeWatermark } from "./snapshot.ts";

const MIGRATIONS = path.join(import.meta.dirname, "migrations");
/** The last migration with events as one table. */
const BEFORE = "0007_shown_lists";

let folder: string;
let postgres: LocalPostgres;
let database: Database;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "usher-migrated-"));
  postgres = await startPostgres({ dataDir: path.join(folder, "postgres") });
  database = openDatabase(postgres.url, { wsProxy: postgres.wsProxy });
  const client = await database.pool.connect();
  await applyMigrations(drizzle(client), { migrationsFolder: await migrationsUpTo(BEFORE) });
  client.release();
});
afterAll(async () => {
  await database?.close();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
  await rm(relocatedHome(path.join(folder, "postgres")), { recursive: true, force: true });
});

async function migrationsUpTo(tag: string): Promise<string> {
  const some = path.join(folder, "migrations");
  await cp(MIGRATIONS, some, { recursive: true });
  const file = path.join(some, "meta/_journal.json");
  const journal = JSON.parse(await readFile(file, "utf8")) as { entries: { tag: string }[] };
  const end = journal.entries.findIndex((entry) => entry.tag === tag) + 1;
  const entries = journal.entries.slice(0, end);
  await writeFile(file, JSON.stringify({ ...journal, entries }));
  return some;
}

function event(eventId: string): NewEvent {
  const rest = { minutes: null, share: null, requestId: null, occurredAt: 1_700_000_000_000 };
  return { eventId, userId: "1", itemId: "a", type: "rate", value: 4, ...rest };
}

test("events, numbers, ids and the view of ratings outlive the migration", async () => {
  const { pool } = database;
  await pool.query(
    `insert into events (event_id, user_id, item_id, type, value, occurred_at, source)
     select 'e' || n, 'u' || n % 10, 'i' || n % 100, 'rate', 1 + n % 5, now(), 'api'
     from generate_series(1, 1000) as n`,
  );
  // Numbers that were drawn and are in no row any more.
  await pool.query("delete from events where seq > 990");
  const rows = "select * from events order by seq";
  const ratings = "select * from ratings order by user_id, item_id";
  const before = { rows: (await pool.query(rows)).rows, ratings: (await pool.query(ratings)).rows };
  await migrate(database);
  expect((await pool.query(rows)).rows).toEqual(before.rows);
  expect((await pool.query(ratings)).rows).toEqual(before.ratings);
  expect(await eventPartitions(database.db)).toEqual([
    { name: "events_from_1", from: 1, to: 10_000_000 },
  ]);
  expect(await takeWatermark(database)).toBe(990);
  const arriving = [event("e5"), event("new"), event("e990")];
  expect(await insertEvents(database, arriving, "api")).toEqual({ inserted: 1 });
  const { rows: added } = await pool.query("select seq from events where event_id = 'new'");
  expect(Number((added[0] as { seq: string }).seq)).toBeGreaterThan(1_000);
});

test("indexes and checks are those of the schema, on the table and its first partition", async () => {
  const { rows } = await database.pool.query<{ index: string; definition: string }>(
    `select indexrelid::regclass::text as index, pg_get_indexdef(indexrelid) as definition
     from pg_index where indrelid in ('events'::regclass, 'events_from_1'::regclass) order by 1`,
  );
  expect(rows.map(({ index }) => index)).toEqual([
    "events_from_1_occurred",
    "events_from_1_pkey",
    "events_from_1_user_occurred",
    "events_occurred",
    "events_pkey",
    "events_user_occurred",
  ]);
  const bad = { ...event("bad"), value: 9 };
  await expect(insertEvents(database, [bad], "api")).rejects.toThrow(/events_value_range/);
});
