/** Moving old events from the table into files: what may go, and the move itself. */
import {
  type ArchivedFile,
  archivePartition,
  firstRunningExperiment,
  partitionContents,
} from "../../drizzle/archived-files.ts";
import type { Database } from "../../drizzle/database.ts";
import { type EventPartition, eventPartitions } from "../../drizzle/event-partitions.ts";
import { FILE_RANGE, readRange, type StoredEvent } from "../../drizzle/event-ranges.ts";
import { UsherError } from "../../release/error.ts";
import { readEventFile, writeEventFile } from "../snapshots/event-file.ts";
import type { SnapshotStore } from "../snapshots/store.ts";

/** A partition, and why it stays when it does. */
export interface Candidate extends EventPartition {
  readonly rows: number;
  /** When its newest event happened or was stored, whichever is later, epoch ms; 0 without any. */
  readonly newestAt: number;
  readonly stays: null | "growing" | "too new" | "experiment";
}

/**
 * Looks at every partition: one may leave the table when it is full and all of it is older than a
 * time, and than the first experiment that runs, whose results are read from the table.
 *
 * @param before epoch ms.
 */
export async function archiveCandidates(
  database: Database,
  watermark: number,
  before: number,
): Promise<Candidate[]> {
  const running = (await firstRunningExperiment(database)) ?? Infinity;
  const candidates: Candidate[] = [];
  for (const partition of await eventPartitions(database.db)) {
    const contents = await partitionContents(database, partition);
    const stays = whyItStays(partition, contents.newestAt, { watermark, before, running });
    candidates.push({ ...partition, ...contents, stays });
  }
  return candidates;
}

function whyItStays(
  { to }: EventPartition,
  newestAt: number,
  limits: { readonly watermark: number; readonly before: number; readonly running: number },
): Candidate["stays"] {
  if (to > limits.watermark) return "growing";
  if (newestAt >= limits.before) return "too new";
  return newestAt >= limits.running ? "experiment" : null;
}

/** Called with each file that was compared. @param done share of the partition, 0..1. */
export type OnCompared = (done: number) => void;

/**
 * Moves a full partition's events into files: they are written as versions' files are, read back and
 * compared with the table row by row, and only then the partition goes. Stopped at any point, it is
 * done again.
 *
 * @param range sequence numbers of one file, as versions are taken with.
 * @returns the files.
 * @throws UsherError `ARCHIVE_DIFFERS` when a file is not what the table holds, `ARCHIVE_BLOCKED`; the
 *   table is as it was.
 */
export async function archiveEvents(
  database: Database,
  store: SnapshotStore,
  partition: EventPartition,
  onCompared: OnCompared = () => {},
  range = FILE_RANGE,
): Promise<ArchivedFile[]> {
  for (;;) {
    const files: ArchivedFile[] = [];
    for (let from = partition.from; from <= partition.to; from += range) {
      const to = Math.min(from + range - 1, partition.to);
      const file = await writtenAndCompared(database, store, from, to);
      if (file !== null) files.push(file);
      onCompared((to - partition.from + 1) / (partition.to - partition.from + 1));
    }
    if (await archivePartition(database, partition, files)) return files;
    // Somebody was erased meanwhile: files without them are written.
  }
}

/** @returns null for a range without events. */
async function writtenAndCompared(
  database: Database,
  store: SnapshotStore,
  from: number,
  to: number,
): Promise<ArchivedFile | null> {
  const stored = await readRange(database, from, to);
  if (stored.length === 0) return null;
  const written = await writeEventFile(store, stored);
  const kept = await readEventFile(store, written);
  const differing = stored.find((event, row) => !isSame(event, kept[row]));
  if (differing !== undefined || kept.length !== stored.length) {
    throw differs(store, written.sha256, differing?.seq ?? to);
  }
  const newestAt = kept.reduce((newest, { occurredAt }) => Math.max(newest, occurredAt), 0);
  return { from, to, ...written, newestAt };
}

function differs(store: SnapshotStore, sha256: string, seq: number): UsherError {
  return new UsherError(
    "ARCHIVE_DIFFERS",
    `The file ${sha256.slice(0, 12)} in ${store.place}, read back, differs from the table at the event number ${seq}. Nothing was taken out of the table.`,
  );
}

/** Numbers are stored in single precision, and written by Postgres with the digits that these need. */
function isSame(a: StoredEvent, b: StoredEvent | undefined): boolean {
  return (
    b !== undefined &&
    a.seq === b.seq &&
    a.eventId === b.eventId &&
    a.userId === b.userId &&
    a.itemId === b.itemId &&
    a.type === b.type &&
    single(a.value) === single(b.value) &&
    single(a.minutes) === single(b.minutes) &&
    single(a.share) === single(b.share) &&
    a.occurredAt === b.occurredAt &&
    a.source === b.source &&
    a.requestId === b.requestId
  );
}

function single(value: number | null): number | null {
  return value === null ? null : Math.fround(value);
}
