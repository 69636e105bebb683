/** Applies the migrations; for Node only, because it reads the migration files. */
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
