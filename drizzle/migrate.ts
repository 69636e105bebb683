/** Applies the migrations; for Node only, because it reads the migration files. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/neon-serverless";
import { migrate as applyMigrations } from "drizzle-orm/neon-serverless/migrator";
import type { Database } from "./database.ts";

const FOLDER = fileURLToPath(new URL("./migrations", import.meta.url));
/** Two migrating processes take turns on this lock; the number only has to be ours. */
const LOCK = 7_316_402;

/** Brings the schema up to date, here and on Neon alike; what is applied already is left alone. */
export async function migrate(database: Database): Promise<void> {
  const client = await database.pool.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [LOCK]);
    await applyMigrations(drizzle(client), { migrationsFolder: FOLDER });
  } finally {
    await client.query("select pg_advisory_unlock($1)", [LOCK]).catch(() => {});
    client.release();
  }
}

/** The migrations of this code that a database lacks, by name. */
export async function pendingMigrations(database: Database): Promise<string[]> {
  const journal = await readFile(path.join(FOLDER, "meta/_journal.json"), "utf8");
  const { entries } = JSON.parse(journal) as { entries: { tag: string; when: number }[] };
  const known = await database.pool.query(
    "select to_regclass('drizzle.__drizzle_migrations') is not null as known",
  );
  if (!(known.rows[0] as { known: boolean }).known) return entries.map((entry) => entry.tag);
  const applied = await database.pool.query(
    "select coalesce(max(created_at), 0)::double precision as last from drizzle.__drizzle_migrations",
  );
  const { last } = applied.rows[0] as { last: number };
  return entries.filter((entry) => entry.when > last).map((entry) => entry.tag);
}
