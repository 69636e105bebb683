import { type ArchivedFile, listArchivedFiles } from "../../drizzle/archived-files.ts";
import type { Database } from "../../drizzle/database.ts";
import { datasetFacts } from "../../drizzle/dataset-facts.ts";
import { FILE_RANGE, rangeCounts, readRange } from "../../drizzle/event-ranges.ts";
import { learnedEvents } from "../archive/archived-events.ts";
import { type CountedEvent, countFacts } from "./count-facts.ts";
import { readEventFile, writeEventFile } from "./event-file.ts";
import {
  encodeManifest,
  manifestKeyOf,
  parseSnapshotManifest,
  type Snapshot,
  type SnapshotManifest,
  type SnapshotPart,
} from "./snapshot-manifest.ts";
import type { SnapshotStore } from "./store.ts";

/** A snapshot with what it cost. */
export interface TakenSnapshot extends Snapshot {
  readonly bytesWritten: number;
  readonly partsReused: number;
}

/**
 * Writes the events up to a watermark as Parquet files by ranges of their sequence.
 *
 * A range that is full never changes, so that versions share its file; it is read from the database
 * only when the store has no file with as many rows for it. An erasure takes rows out of a range, and
 * its file is then written anew. Events that have left the table are in the archive's files, which
 * are files of versions, and stay what they are. The manifest comes last: what it names is there.
 *
 * @param watermark from `takeWatermark`.
 * @param range sequence numbers of one file; another one makes other files.
 */
export async function takeSnapshot(
  database: Database,
  store: SnapshotStore,
  watermark: number,
  range = FILE_RANGE,
): Promise<TakenSnapshot> {
  const before = await newestBefore(store, watermark);
  const archived = await archivedParts(database, store, watermark);
  const parts: SnapshotPart[] = [...archived];
  let bytesWritten = 0;
  let partsReused = archived.length;
  for (const counted of await rangeCounts(database, watermark, range)) {
    const from = counted.range * range + 1;
    const to = Math.min(from + range - 1, watermark);
    const known = before?.manifest.parts.find(
      (part) => part.from === from && part.to === to && part.rows === counted.rows,
    );
    if (known !== undefined) partsReused++;
    const part = known ?? {
      from,
      to,
      ...(await writeEventFile(store, await readRange(database, from, to))),
    };
    if (known === undefined) bytesWritten += part.bytes;
    parts.push(part);
  }
  const live = parts.slice(archived.length);
  const facts =
    archived.length === 0
      ? await datasetFacts(database, watermark)
      : await countFacts(watermark, allEvents(database, store, watermark, live));
  const manifest: SnapshotManifest = { schema: 1, watermark, parts, facts };
  const { hash, bytes } = encodeManifest(manifest);
  await store.write(manifestKeyOf(hash), bytes);
  return { hash, manifest, bytesWritten: bytesWritten + bytes.length, partsReused };
}

/** The archive's files up to a watermark; one that goes on beyond it gives a file of its own. */
async function archivedParts(
  database: Database,
  store: SnapshotStore,
  watermark: number,
): Promise<SnapshotPart[]> {
  const files = await listArchivedFiles(database);
  const parts: SnapshotPart[] = [];
  for (const file of files.filter(({ from }) => from <= watermark)) {
    parts.push(file.to <= watermark ? partOf(file) : await upTo(store, file, watermark));
  }
  return parts;
}

function partOf({ from, to, rows, bytes, sha256 }: ArchivedFile): SnapshotPart {
  return { from, to, rows, bytes, sha256 };
}

async function upTo(
  store: SnapshotStore,
  file: ArchivedFile,
  watermark: number,
): Promise<SnapshotPart> {
  const events = (await readEventFile(store, file)).filter(({ seq }) => seq <= watermark);
  return { from: file.from, to: watermark, ...(await writeEventFile(store, events)) };
}

/**
 * Every event with what is counted of it, since Postgres can count only what it holds: of the archive,
 * then of the table by the ranges of its parts.
 */
async function* allEvents(
  database: Database,
  store: SnapshotStore,
  watermark: number,
  live: readonly SnapshotPart[],
): AsyncGenerator<readonly CountedEvent[]> {
  yield* learnedEvents(database, store, watermark);
  for (const { from, to } of live) yield await readRange(database, from, to);
}

/** Every snapshot of a store, by ascending watermark. */
export async function listSnapshots(store: SnapshotStore): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  for (const key of await store.list("snapshots/")) {
    const hash = /^snapshots\/([0-9a-f]{64})\.json$/.exec(key)?.[1];
    const bytes = hash === undefined ? null : await store.read(key);
    if (hash === undefined || bytes === null) continue;
    snapshots.push({ hash, manifest: parseSnapshotManifest(bytes, key) });
  }
  return snapshots.sort((a, b) => a.manifest.watermark - b.manifest.watermark);
}

async function newestBefore(store: SnapshotStore, watermark: number): Promise<Snapshot | null> {
  const snapshots = await listSnapshots(store);
  return snapshots.findLast(({ manifest }) => manifest.watermark <= watermark) ?? null;
}
