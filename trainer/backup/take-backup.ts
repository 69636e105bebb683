import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type BackupTable, readTables, TABLES_OF_A_BACKUP } from "../../drizzle/backup.ts";
import type { Database } from "../../drizzle/database.ts";
import { takeWatermark } from "../../drizzle/snapshot.ts";
import type { SnapshotStore } from "../snapshots/store.ts";
import { takeSnapshot } from "../snapshots/take-snapshot.ts";
import {
  type Backup,
  type BackupFile,
  type BackupManifest,
  backupKey,
  fileKey,
} from "./manifest.ts";

/** Rows of one file: some megabytes. */
const ROWS_A_FILE = 50_000;

/**
 * Writes everything that Postgres holds into a store: the events as a version, which shares its files
 * with the versions before, and every other table as it was at one moment after that. The manifest
 * comes last: a backup that was stopped is none.
 *
 * @param rowsPerFile rows of a table in one file.
 */
export async function takeBackup(
  database: Database,
  store: SnapshotStore,
  now: Date,
  rowsPerFile = ROWS_A_FILE,
): Promise<Backup> {
  const id = now.toISOString().replaceAll(/[-:.]/g, "");
  const { hash } = await takeSnapshot(database, store, await takeWatermark(database));
  const files: BackupFile[] = [];
  await readTables(database, async (read) => {
    for (const table of TABLES_OF_A_BACKUP) {
      let number = 0;
      for await (const rows of read(table, rowsPerFile)) {
        files.push(await writeFile(store, fileKey(id, table, number++), table, rows));
      }
    }
  });
  const manifest: BackupManifest = {
    schema: 1,
    takenAt: now.toISOString(),
    snapshot: hash,
    files,
  };
  await store.write(backupKey(id), new TextEncoder().encode(JSON.stringify(manifest)));
  return { id, manifest };
}

async function writeFile(
  store: SnapshotStore,
  key: string,
  table: BackupTable,
  rows: readonly string[],
): Promise<BackupFile> {
  const bytes = await promisify(gzip)(`${rows.join("\n")}\n`);
  await store.write(key, bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { table, rows: rows.length, bytes: bytes.length, sha256 };
}
