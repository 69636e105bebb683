import { createHash } from "node:crypto";
import type { Database } from "../../drizzle/database.ts";
import { datasetFacts } from "../../drizzle/dataset-facts.ts";
import { partitionCounts, readPartition } from "../../drizzle/partitions.ts";
import { encodePartition } from "./partition-file.ts";
import {
  encodeManifest,
  manifestKeyOf,
  parseSnapshotManifest,
  partKey,
  type Snapshot,
  type SnapshotManifest,
  type SnapshotPart,
} from "./snapshot-manifest.ts";
import type { SnapshotStore } from "./store.ts";

/** Sequence numbers of one file: some megabytes, and few files for years. */
const RANGE = 250_000;

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
 * its file is then written anew. The manifest comes last: what it names is there.
 *
 * @param watermark from `takeWatermark`.
 * @param range sequence numbers of one file; another one makes other files.
 */
export async function takeSnapshot(
  database: Database,
  store: SnapshotStore,
  watermark: number,
  range = RANGE,
): Promise<TakenSnapshot> {
  const before = await newestBefore(store, watermark);
  const parts: SnapshotPart[] = [];
  let bytesWritten = 0;
  let partsReused = 0;
  for (const counted of await partitionCounts(database, watermark, range)) {
    const from = counted.range * range + 1;
    const to = Math.min(from + range - 1, watermark);
    const known = before?.manifest.parts.find(
      (part) => part.from === from && part.to === to && part.rows === counted.rows,
    );
    if (known !== undefined) partsReused++;
    const part = known ?? (await writePart(database, store, from, to));
    if (known === undefined) bytesWritten += part.bytes;
    parts.push(part);
  }
  const facts = await datasetFacts(database, watermark);
  const manifest: SnapshotManifest = { schema: 1, watermark, parts, facts };
  const { hash, bytes } = encodeManifest(manifest);
  await store.write(manifestKeyOf(hash), bytes);
  return { hash, manifest, bytesWritten: bytesWritten + bytes.length, partsReused };
}

async function writePart(
  database: Database,
  store: SnapshotStore,
  from: number,
  to: number,
): Promise<SnapshotPart> {
  const events = await readPartition(database, from, to);
  const bytes = encodePartition(events);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await store.write(partKey(sha256), bytes);
  return { from, to, rows: events.length, bytes: bytes.length, sha256 };
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
