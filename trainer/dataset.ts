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
  /** For each stored value of the matrix: 1 where it is a rating, 0 where interest was implicit. */
  rated: Uint8Array;
  /** For each stored value: when it happened, in seconds since 1970, 0 where that is unknown. */
  times: Uint32Array;
  /** sha256 (hex) of all the above: equal for equal events, whatever their order of arrival. */
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
  const content = numbered(columns, standing, users, items, report.kept);
  const hash = contentHash(userIds, itemIds, content);
  return { userIds, itemIds, ...content, hash, watermark: options.watermark ?? null, report };
}

/**
 * The matrix with rating values alone, NaN where interest was implicit: what models of explicit
 * ratings learn from. Offsets and indices are shared.
 */
export function ratingValues({ matrix, rated }: Pick<Dataset, "matrix" | "rated">): Csr {
  return { ...matrix, values: matrix.values.map((value, at) => (rated[at] === 1 ? value : NaN)) };
}

type Content = Pick<Dataset, "matrix" | "rated" | "times">;

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
): Content {
  const columnOf = new Int32Array(columns.items.ids.length).fill(-1);
  items.forEach((item, column) => {
    columnOf[item] = column;
  });
  const offsets = new Uint32Array(users.length + 1);
  const indices = new Uint32Array(interactions);
  const values = new Float32Array(interactions);
  const rated = new Uint8Array(interactions);
  const times = new Uint32Array(interactions);
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
      const row = own[key % own.length]!;
      const value = columns.value(row);
      indices[end] = Math.floor(key / own.length);
      rated[end] = Number.isNaN(value) ? 0 : 1;
      times[end] = seconds(columns.time(row));
      values[end++] = Number.isNaN(value) ? 1 : value;
    }
    offsets[r + 1] = end;
  });
  const matrix = { rows: users.length, cols: items.length, offsets, indices, values };
  return { matrix, rated, times };
}

/** Whole seconds since 1970 within 32 bits: before 1970 nothing was rated, and after 2106 neither. */
function seconds(milliseconds: number): number {
  return Math.min(0xffff_ffff, Math.max(0, Math.floor(milliseconds / 1000)));
}

/**
 * sha256 over the canonical form: a format line, both id lists (each id as JSON, one a line, in
 * ascending order), then offsets, indices, values, what is rated and times in little-endian bytes.
 */
function contentHash(
  userIds: readonly string[],
  itemIds: readonly string[],
  { matrix, rated, times }: Content,
): string {
  const sha = createHash("sha256");
  sha.update(`usher dataset 2\n${userIds.length} ${itemIds.length} ${matrix.indices.length}\n`);
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
  for (const part of [matrix.offsets, matrix.indices, matrix.values, rated, times]) {
    sha.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  }
  return sha.digest("hex");
}
