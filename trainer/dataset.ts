/**
 * The snapshot that a model learns from: cleaned, numbered, content-hashed and immutable.
 */
import { createHash } from "node:crypto";
import { UsherError } from "../release/error.ts";
import {
  admit,
  type CleaningOptions,
  type EventRow,
  findBots,
  keepLargeEnough,
  keepLatest,
} from "./clean.ts";
import { CleaningLog, type CleaningReport } from "./cleaning-report.ts";
import type { Csr } from "./csr.ts";
import { EventColumns } from "./event-columns.ts";
import { dropRemoved } from "./removals.ts";

export interface Dataset {
  /** Row `r` of the matrix is `userIds[r]`; ascending by UTF-16 code units. */
  userIds: string[];
  /** Column `c` of the matrix is `itemIds[c]`; ascending likewise. */
  itemIds: string[];
  /** users x items; the latest rating 0.5..5, or 1 where the interest was implicit. */
  matrix: Csr;
  /** sha256 (hex) of ids and matrix: equal for equal events, whatever their order of arrival. */
  hash: string;
  /** Highest ingest sequence the snapshot contains; null when it came from files. */
  watermark: number | null;
  report: CleaningReport;
}

export interface DatasetOptions extends CleaningOptions {
  watermark?: number | null;
  /** Called after every batch with the rows read so far. */
  onRows?: (rows: number) => void;
}

type Batches = AsyncIterable<readonly EventRow[]> | Iterable<readonly EventRow[]>;

/**
 * Reads every batch once and builds the dataset. Peak memory is about 45 bytes a row plus the ids.
 *
 * Throws `DATASET_EMPTY` when no interaction is left after cleaning.
 */
export async function buildDataset(
  batches: Batches,
  options: DatasetOptions = {},
): Promise<Dataset> {
  const columns = new EventColumns();
  const log = new CleaningLog();
  let read = 0;
  for await (const batch of batches) {
    for (const event of batch) admit(event, columns, log);
    read += batch.length;
    options.onRows?.(read);
  }
  const grouped = dropRemoved(columns, columns.rowsByUser(), log);
  const bots = findBots(columns, grouped, options, log);
  const standing = keepLatest(columns, grouped, bots, log);
  const large = keepLargeEnough(columns, standing, options, log);
  const report = log.report();
  if (report.kept === 0) {
    throw new UsherError(
      "DATASET_EMPTY",
      `No interaction is left of ${report.seen} events after cleaning; import ratings first ` +
        "(`usher import DIR`) or look into the cleaning report.",
    );
  }
  const users = ascending(columns.users.ids, large.users);
  const items = ascending(columns.items.ids, large.items);
  const userIds = Array.from(users, (user) => columns.users.ids[user]!);
  const itemIds = Array.from(items, (item) => columns.items.ids[item]!);
  const matrix = numbered(columns, standing, users, items, report.kept);
  const hash = contentHash(userIds, itemIds, matrix);
  return { userIds, itemIds, matrix, hash, watermark: options.watermark ?? null, report };
}

/** Kept interned numbers in ascending order of their ids. */
function ascending(ids: readonly string[], keep: Uint8Array): Uint32Array {
  const numbers: number[] = [];
  for (let number = 0; number < ids.length; number++) if (keep[number] === 1) numbers.push(number);
  numbers.sort((a, b) => (ids[a]! < ids[b]! ? -1 : 1));
  return Uint32Array.from(numbers);
}

/** The standing rows as a matrix in final numbering, columns ascending within each row. */
function numbered(
  columns: EventColumns,
  standing: { offsets: Uint32Array; rows: Uint32Array },
  users: Uint32Array,
  items: Uint32Array,
  interactions: number,
): Csr {
  const columnOf = new Int32Array(columns.items.ids.length).fill(-1);
  items.forEach((item, column) => {
    columnOf[item] = column;
  });
  const offsets = new Uint32Array(users.length + 1);
  const indices = new Uint32Array(interactions);
  const values = new Float32Array(interactions);
  let end = 0;
  users.forEach((user, r) => {
    const own = standing.rows
      .subarray(standing.offsets[user]!, standing.offsets[user + 1]!)
      .filter((row) => columnOf[columns.item(row)]! >= 0);
    // Column and position in one sortable number: a native sort, far faster than a comparator.
    const keys = Float64Array.from(
      own,
      (row, at) => columnOf[columns.item(row)]! * own.length + at,
    );
    for (const key of keys.sort()) {
      const value = columns.value(own[key % own.length]!);
      indices[end] = Math.floor(key / own.length);
      values[end++] = Number.isNaN(value) ? 1 : value;
    }
    offsets[r + 1] = end;
  });
  return { rows: users.length, cols: items.length, offsets, indices, values };
}

/**
 * sha256 over the canonical form: a format line, both id lists (each id as JSON, one a line, in
 * ascending order), then offsets, indices and values in little-endian bytes.
 */
function contentHash(userIds: readonly string[], itemIds: readonly string[], matrix: Csr): string {
  const sha = createHash("sha256");
  sha.update(`usher dataset 1\n${userIds.length} ${itemIds.length} ${matrix.indices.length}\n`);
  for (const ids of [userIds, itemIds]) {
    for (let at = 0; at < ids.length; at += 10_000) {
      sha.update(
        ids
          .slice(at, at + 10_000)
          .map((id) => `${JSON.stringify(id)}\n`)
          .join(""),
      );
    }
  }
  for (const part of [matrix.offsets, matrix.indices, matrix.values]) {
    sha.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  }
  return sha.digest("hex");
}
