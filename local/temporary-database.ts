import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Database, openDatabase } from "../drizzle/database.ts";
import { migrate } from "../drizzle/migrate.ts";
import { type LocalPostgres, startPostgres } from "./postgres.ts";
import { relocatedHome } from "./postgres-account.ts";

/** A migrated database of its own, for a test or a benchmark; `stop` leaves nothing behind. */
export interface TemporaryDatabase {
  readonly database: Database;
  readonly postgres: LocalPostgres;
  readonly folder: string;
  stop(): Promise<void>;
}

/** Starts an empty, migrated database in a folder of its own. */
export async function startTemporaryDatabase(): Promise<TemporaryDatabase> {
  const folder = await mkdtemp(path.join(tmpdir(), "usher-database-"));
  const dataDir = path.join(folder, "postgres");
  const postgres = await startPostgres({ dataDir });
  const database = openDatabase(postgres.url, { wsProxy: postgres.wsProxy });
  const stop = async () => {
    await database.close();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
    await rm(relocatedHome(dataDir), { recursive: true, force: true });
  };
  await migrate(database).catch(async (error) => {
    await stop();
    throw error;
  });
  return { database, postgres, folder, stop };
}
