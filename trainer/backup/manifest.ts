import * as v from "valibot";
import { type BackupTable, TABLES_OF_A_BACKUP } from "../../drizzle/backup.ts";
import { UsherError } from "../../release/error.ts";
import type { SnapshotStore } from "../snapshots/store.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const PREFIX = "backups/";

const manifestSchema = v.object({
  schema: v.literal(1),
  /** ISO 8601. */
  takenAt: v.string(),
  /** The version of the events that goes with it. */
  snapshot: v.string(),
  /** Files of rows as JSON lines, gzip. */
  files: v.array(
    v.object({
      table: v.picklist(TABLES_OF_A_BACKUP),
      rows: count,
      bytes: count,
      sha256: v.string(),
    }),
  ),
});

/** What a backup is: the version of the events, and the files that hold all other tables. */
export type BackupManifest = v.InferOutput<typeof manifestSchema>;
export type BackupFile = BackupManifest["files"][number];

/** A backup by its id, the moment it was taken at. */
export interface Backup {
  readonly id: string;
  readonly manifest: BackupManifest;
}

/** Rows of `table`, by ascending id of a backup and number of a file. */
export function fileKey(id: string, table: BackupTable, number: number): string {
  return `${PREFIX}${id}/${table}-${number}.ndjson.gz`;
}

export function backupKey(id: string): string {
  return `${PREFIX}${id}.json`;
}

/** Every whole backup of a store, oldest first. */
export async function listBackups(store: SnapshotStore): Promise<Backup[]> {
  const backups: Backup[] = [];
  for (const key of await store.list(PREFIX)) {
    const id = /^backups\/([0-9T]+Z)\.json$/.exec(key)?.[1];
    const bytes = id === undefined ? null : await store.read(key);
    if (id !== undefined && bytes !== null) backups.push({ id, manifest: parse(bytes, key) });
  }
  return backups.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Removes a backup; its manifest goes first, so that none is ever in part. */
export async function deleteBackup(store: SnapshotStore, { id }: Backup): Promise<void> {
  await store.delete(backupKey(id));
  for (const key of await store.list(`${PREFIX}${id}/`)) await store.delete(key);
}

/** @throws UsherError `BACKUP_INVALID` naming what is not as it should be. */
function parse(bytes: Uint8Array, name: string): BackupManifest {
  const text = new TextDecoder().decode(bytes);
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), manifestSchema), text);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  const where = v.getDotPath(issue) ?? "the document";
  throw new UsherError("BACKUP_INVALID", `${name} is no backup: ${where}: ${issue.message}`);
}
