import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { listArchivedFiles } from "../../drizzle/archived-files.ts";
import {
  continueIdentities,
  putEventIdsBack,
  putEventsBack,
  putRowsBack,
  reserveSequence,
} from "../../drizzle/backup.ts";
import type { Database } from "../../drizzle/database.ts";
import { ensurePartitions, type SequenceRange } from "../../drizzle/event-partitions.ts";
import type { StoredEvent } from "../../drizzle/event-ranges.ts";
import { UsherError } from "../../release/error.ts";
import { decodeEvents } from "../snapshots/event-file.ts";
import { manifestKeyOf, parseSnapshotManifest, partKey } from "../snapshots/snapshot-manifest.ts";
import type { SnapshotStore } from "../snapshots/store.ts";
import { type Backup, type BackupFile, fileKey } from "./manifest.ts";

/** Events of one statement. */
const EVENTS_A_STATEMENT = 10_000;

/** What was put back. */
export interface Restored {
  readonly rows: number;
  /** Events that were not there. */
  readonly events: number;
}

/** Called after each file. @param done share of the files, 0..1. */
export type OnRestored = (what: string, done: number) => void;

/**
 * Puts a backup into a migrated database: an empty one, or one that the consumer Worker has begun to
 * fill again. A restore that was stopped is finished by doing it again.
 *
 * @throws UsherError `BACKUP_DAMAGED` naming the file; nothing of that file was put back.
 */
export async function restoreDatabase(
  database: Database,
  store: SnapshotStore,
  { id, manifest }: Backup,
  onRestored: OnRestored = () => {},
): Promise<Restored> {
  const key = manifestKeyOf(manifest.snapshot);
  const { parts, watermark } = parseSnapshotManifest(await required(store, key), key);
  const total = manifest.files.length + parts.length;
  const numbers = new Map<string, number>();
  let rows = 0;
  let events = 0;
  let done = 0;
  await reserveSequence(database, watermark);
  for (const file of manifest.files) {
    const number = numbers.get(file.table) ?? 0;
    numbers.set(file.table, number + 1);
    const lines = await readLines(store, fileKey(id, file.table, number), file);
    await putRowsBack(database, file.table, lines);
    rows += file.rows;
    onRestored(file.table, ++done / total);
  }
  await continueIdentities(database);
  const archived = await listArchivedFiles(database);
  for (const part of parts) {
    const bytes = await checked(store, partKey(part.sha256), part);
    const isArchived = archived.some(({ from, to }) => from <= part.from && part.to <= to);
    if (isArchived) await restoreIds(database, bytes);
    else events += await restorePart(database, part, bytes);
    onRestored("events", ++done / total);
  }
  return { rows, events };
}

async function restorePart(
  database: Database,
  { from, to }: SequenceRange,
  bytes: Uint8Array,
): Promise<number> {
  await ensurePartitions(database, { from, to });
  let restored = 0;
  for await (const events of portions(bytes)) restored += await putEventsBack(database, events);
  return restored;
}

/** Events of the archive stay in their files; that they were stored must be known all the same. */
async function restoreIds(database: Database, bytes: Uint8Array): Promise<void> {
  for await (const events of portions(bytes)) await putEventIdsBack(database, events);
}

async function* portions(bytes: Uint8Array): AsyncGenerator<StoredEvent[]> {
  const events = await decodeEvents(bytes);
  for (let at = 0; at < events.length; at += EVENTS_A_STATEMENT) {
    yield events.slice(at, at + EVENTS_A_STATEMENT);
  }
}

async function readLines(store: SnapshotStore, key: string, file: BackupFile): Promise<string[]> {
  const text = (await promisify(gunzip)(await checked(store, key, file))).toString("utf8");
  return text.trimEnd().split("\n");
}

async function checked(
  store: SnapshotStore,
  key: string,
  { sha256 }: { readonly sha256: string },
): Promise<Uint8Array> {
  const bytes = await required(store, key);
  if (createHash("sha256").update(bytes).digest("hex") === sha256) return bytes;
  throw damaged(store, key, "is not what was written");
}

async function required(store: SnapshotStore, key: string): Promise<Uint8Array> {
  const bytes = await store.read(key);
  if (bytes === null) throw damaged(store, key, "is missing");
  return bytes;
}

function damaged(store: SnapshotStore, key: string, what: string): UsherError {
  return new UsherError(
    "BACKUP_DAMAGED",
    `${key} in ${store.place} ${what}. "usher restore database BACKUP" takes an earlier backup; "usher backup list" names them.`,
  );
}
