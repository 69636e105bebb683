/** Disasters: Postgres gone, Workers KV emptied. Both come back by one command each. */
import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { TABLES_OF_A_BACKUP } from "../drizzle/backup.ts";
import { eraseUser } from "../drizzle/erasures.ts";
import { migrate } from "../drizzle/migrate.ts";
import { tombstoneOf } from "../release/tombstone.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";
import { runUsher } from "./command.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
  await importDirectory(cloud.database, await syntheticRatings(cloud.scratch));
  await runCycle(cloud.around, silentProgress);
});
afterAll(() => cloud?.stop());

async function usher(...args: string[]): Promise<{ code: number | null; said: string }> {
  const { code, stdout, stderr } = await runUsher([...args, "--home", cloud.home.root]).finished;
  return { code, said: stdout + stderr };
}

/** Every row of every table as text, in one order; `ingested_at` is when a row came in. */
async function contents(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const table of [...TABLES_OF_A_BACKUP, "event_ids", "events"]) {
    const { rows } = await cloud.database.db.execute<{ digest: string }>(sql`
      select count(*) || ' ' || coalesce(md5(string_agg(row, E'\n' order by row)), '') as digest
      from (select (to_jsonb(t) - 'ingested_at')::text as row from ${sql.identifier(table)} t) as r`);
    found[table] = rows[0]!.digest;
  }
  return found;
}

async function loseTheDatabase(): Promise<void> {
  await cloud.database.pool.query("drop schema public cascade; create schema public");
  await cloud.database.pool.query("drop schema if exists drizzle cascade");
}

test("a backup names every table of the schema", async () => {
  const { rows } = await cloud.database.pool.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
  );
  const names = rows.map(({ name }) => name).filter((name) => !name.startsWith("events_from_"));
  expect(names.sort()).toEqual([...TABLES_OF_A_BACKUP, "event_ids", "events"].sort());
});

test("a lost database comes back row for row, and those who were erased do not", async () => {
  await cloud.database.pool.query(
    "insert into dead_letters (message_id, body, reason) values ('m1', '{\"ü\": [1]}', 'unreadable')",
  );
  await eraseUser(cloud.database, "7", tombstoneOf("7"));
  expect(await usher("backup")).toMatchObject({ code: 0 });
  const before = await contents();
  expect(before["events"]).not.toMatch(/^0 /);

  await loseTheDatabase();
  const { code, said } = await usher("restore", "database");
  expect(said).toContain("events");
  expect(code).toBe(0);
  expect(await contents()).toEqual(before);

  const again = await usher("restore", "database");
  expect(again.said).toContain(", 0 events");
  expect(await contents()).toEqual(before);

  const returned = { eventId: "late", userId: "7", itemId: "1", type: "rate", value: 4 };
  await fetch(`${cloud.api}/v1/events`, { method: "POST", body: JSON.stringify(returned) });
  const other = { ...returned, eventId: "later", userId: "8" };
  await fetch(`${cloud.api}/v1/events`, { method: "POST", body: JSON.stringify(other) });
  const stored = async () => {
    const { rows } = await cloud.database.pool.query<{ event_id: string }>(
      "select event_id from events where event_id in ('late', 'later')",
    );
    return rows.map(({ event_id }) => event_id);
  };
  await expect.poll(stored, { timeout: 15_000 }).toEqual(["later"]);
});

test("events that came in before the restore keep their place behind it", async () => {
  expect(await usher("backup")).toMatchObject({ code: 0 });
  const before = await contents();
  await loseTheDatabase();
  await migrate(cloud.database);
  await cloud.database.pool.query(
    `insert into events (event_id, user_id, item_id, type, value, occurred_at, source)
     values ('meanwhile', '9', '2', 'rate', 5, now(), 'api')`,
  );

  expect(await usher("restore", "database")).toMatchObject({ code: 0 });
  const { rows } = await cloud.database.pool.query<{ seq: string; top: string }>(
    "select seq, (select max(seq) from events where event_id <> 'meanwhile') as top from events where event_id = 'meanwhile'",
  );
  expect(Number(rows[0]!.seq)).toBeGreaterThan(Number(rows[0]!.top));
  await cloud.database.pool.query("delete from events where event_id = 'meanwhile'");
  expect(await contents()).toEqual(before);
});

test("a damaged file is named, and nothing of it is put back", async () => {
  const [id] = await readdir(path.join(cloud.home.root, "snapshots/backups")).then((names) =>
    names
      .filter((name) => !name.endsWith(".json"))
      .sort()
      .reverse(),
  );
  const file = path.join(cloud.home.root, "snapshots/backups", id!, "items-0.ndjson.gz");
  await writeFile(file, "something else");
  const { code, said } = await usher("restore", "database");
  expect(code).toBe(1);
  expect(said).toContain("items-0.ndjson.gz");
  expect(said).toContain("BACKUP_DAMAGED");
});

test("emptied Workers KV serves again from the newest release directory, without the erased", async () => {
  const asked = async () => fetch(`${cloud.api}/recommend/11`);
  const release = (await asked()).headers.get("usher-release");
  for await (const { key } of cloud.around.kv.list("")) await cloud.around.kv.delete([key]);
  const { code, said } = await usher("restore", "kv");
  expect(said).toContain(`${release} serves`);
  expect(code).toBe(0);
  const again = await asked();
  expect(again.status).toBe(200);
  expect(again.headers.get("usher-release")).toBe(release);
  const tombstones = await cloud.around.kv.read("tombstones");
  expect(JSON.parse(new TextDecoder().decode(tombstones!))).toEqual([tombstoneOf("7")]);
});

test("a release or backup that is not there is said in a sentence", async () => {
  expect((await usher("restore", "database", "20200101T000000000Z")).said).toContain(
    "BACKUP_UNKNOWN",
  );
  expect((await usher("restore", "kv", "none-such")).code).toBe(1);
});

test("compacting after an erasure leaves no backup from before it, and never none", async () => {
  await eraseUser(cloud.database, "12", tombstoneOf("12"));
  expect((await usher("datasets", "compact")).code).toBe(0);
  const { stdout } = await runUsher(["backup", "list", "--json", "--home", cloud.home.root])
    .finished;
  const { backups } = JSON.parse(stdout) as { backups: { id: string; takenAt: string }[] };
  const { rows } = await cloud.database.pool.query<{ at: Date }>(
    "select max(requested_at) as at from erasures",
  );
  expect(backups).toHaveLength(1);
  expect(Date.parse(backups[0]!.takenAt)).toBeGreaterThan(rows[0]!.at.getTime());
  await loseTheDatabase();
  expect((await usher("restore", "database")).code).toBe(0);
  const left = await cloud.database.pool.query(
    "select from events where user_id = '12' union all select from users where user_id = '12'",
  );
  expect(left.rows).toEqual([]);
});
