import path from "node:path";
import type { ParsedLine, RawItem, RawRating, SourceFile } from "../../events/formats/format.ts";
import { UsherError } from "../../release/error.ts";
import { findFormat } from "./find-format.ts";
import { readLines } from "./read-lines.ts";

/** A line that could not be taken in, or not wholly. */
export interface BadRow {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly raw: string;
  readonly reason: string;
}

/** What was read in one go. At most `BATCH_ROWS` of each kind. */
export interface ReadBatch {
  readonly file: string;
  readonly ratings: readonly RawRating[];
  readonly items: readonly RawItem[];
  readonly bad: readonly BadRow[];
  /** Bytes of all files read so far. */
  readonly bytesRead: number;
}

/** Counts of a reading; they grow while its batches are taken. */
export interface ReadCounts {
  ratings: number;
  items: number;
  badRows: number;
  /** Bad rows by reason. */
  reasons: Record<string, number>;
}

/** A folder that is being read. */
export interface DirectoryReading {
  readonly format: string;
  /** The files that are read, in order: ids and items before ratings. */
  readonly files: readonly string[];
  /** Bytes of these files. */
  readonly bytes: number;
  readonly counts: Readonly<ReadCounts>;
  /** Everything in the folder, once, in constant memory. */
  readonly batches: AsyncIterable<ReadBatch>;
}

/** Rows of a batch: large enough for the database to be busy with rows rather than statements. */
export const BATCH_ROWS = 5_000;
/** What is kept of a bad line, in characters. */
const RAW_LENGTH = 2_000;

/**
 * Opens a folder of ratings for reading, without a database. Its format is detected; a bad line is
 * handed on with its reason, and the lines around it are read.
 *
 * @throws UsherError `IMPORT_FOLDER_MISSING`, `IMPORT_FOLDER_EMPTY`, `IMPORT_FORMAT_UNKNOWN` at
 *   once; while reading `IMPORT_HEADER` for a file without its header or with other columns,
 *   `IMPORT_COLUMNS` for one that starts with 5,000 lines of another form or has no other lines,
 *   `IMPORT_NO_RATINGS`, `IMPORT_UNREADABLE`.
 */
export async function readDirectory(dir: string): Promise<DirectoryReading> {
  const { format, files, bytes } = await findFormat(dir, Date.now());
  const counts: ReadCounts = { ratings: 0, items: 0, badRows: 0, reasons: {} };
  return {
    format: format.name,
    files: files.map(({ file }) => file),
    bytes,
    counts,
    batches: readFiles(dir, files, counts),
  };
}

async function* readFiles(
  dir: string,
  files: readonly SourceFile[],
  counts: ReadCounts,
): AsyncGenerator<ReadBatch> {
  let bytesBefore = 0;
  for (const source of files) {
    let bytesOfFile = 0;
    for await (const batch of readFile(dir, source)) {
      count(batch, counts);
      bytesOfFile = batch.bytesRead;
      yield { ...batch, bytesRead: bytesBefore + bytesOfFile };
    }
    bytesBefore += bytesOfFile;
  }
  if (counts.ratings + counts.badRows > 0) return;
  const names = files.filter(({ kind }) => kind === "ratings").map(({ file }) => file);
  throw new UsherError(
    "IMPORT_NO_RATINGS",
    `${dir}: there is not one rating in ${names.join(", ")}. Was the file written to its end?`,
  );
}

/** Reads one file in batches; the last one may be empty and tells the bytes. */
async function* readFile(dir: string, source: SourceFile): AsyncGenerator<ReadBatch> {
  const where = path.join(dir, source.file);
  let awaitingHeader = source.readHeader !== undefined;
  let anyGood = false;
  let bytesRead = 0;
  let batch = new OpenBatch(source.file);
  for await (const block of readLines(where, source.encoding)) {
    bytesRead = block.bytesRead;
    for (let i = 0; i < block.lines.length; i++) {
      const text = block.lines[i]!;
      const line = block.firstLine + i;
      if (awaitingHeader) {
        checkHeader(where, source, text);
        awaitingHeader = false;
        continue;
      }
      if (text.trim() === "") continue;
      const parsed = block.tooLong.has(line) ? TOO_LONG : source.parse(text);
      anyGood ||= parsed.ok;
      batch.add(line, text, parsed);
      if (!batch.full) continue;
      if (!anyGood && onlyLinesTell(source)) throw otherColumns(where, source, batch.bad[0]!);
      yield* batch.close(bytesRead);
      batch = new OpenBatch(source.file);
    }
  }
  if (awaitingHeader) checkHeader(where, source, "");
  const bad = batch.bad[0];
  if (!anyGood && bad !== undefined && onlyLinesTell(source)) {
    throw otherColumns(where, source, bad);
  }
  yield* batch.close(bytesRead);
}

/**
 * Whether a file without one good line is another file than we take it for. A header has told
 * already, and without titles one can still recommend.
 */
function onlyLinesTell(source: SourceFile): boolean {
  return source.readHeader === undefined && source.kind !== "items";
}

const TOO_LONG: ParsedLine = { ok: false, reason: "the line is longer than 16 MB" };

/** A batch that is being filled. */
class OpenBatch {
  readonly file: string;
  readonly ratings: RawRating[] = [];
  readonly items: RawItem[] = [];
  readonly bad: BadRow[] = [];

  constructor(file: string) {
    this.file = file;
  }

  get full(): boolean {
    return Math.max(this.ratings.length, this.items.length, this.bad.length) >= BATCH_ROWS;
  }

  add(line: number, text: string, parsed: ParsedLine): void {
    const reason = parsed.ok ? parsed.partly : parsed.reason;
    if (reason !== undefined) {
      this.bad.push({ file: this.file, line, raw: text.slice(0, RAW_LENGTH), reason });
    }
    if (!parsed.ok) return;
    if (parsed.item !== undefined) this.items.push(parsed.item);
    for (const rating of parsed.ratings ?? []) this.ratings.push(rating);
  }

  /** One list of interactions may hold more ratings than a batch: they are cut into several. */
  *close(bytesRead: number): Generator<ReadBatch> {
    const { file, items, bad } = this;
    yield { file, items, bad, ratings: this.ratings.slice(0, BATCH_ROWS), bytesRead };
    for (let from = BATCH_ROWS; from < this.ratings.length; from += BATCH_ROWS) {
      const ratings = this.ratings.slice(from, from + BATCH_ROWS);
      yield { file, items: [], bad: [], ratings, bytesRead };
    }
  }
}

function count(batch: ReadBatch, counts: ReadCounts): void {
  counts.ratings += batch.ratings.length;
  counts.items += batch.items.length;
  counts.badRows += batch.bad.length;
  for (const { reason } of batch.bad) counts.reasons[reason] = (counts.reasons[reason] ?? 0) + 1;
}

function checkHeader(where: string, source: SourceFile, line: string): void {
  const fault = source.readHeader?.(line) ?? null;
  if (fault === null) return;
  const first = line === "" ? "an empty line" : `"${line.slice(0, 100)}"`;
  throw new UsherError(
    "IMPORT_HEADER",
    `${where}:1: ${fault}. Looked for a header line with ${source.layout}; found ${first}. Put the header in front of the rows, or rename the columns.`,
  );
}

function otherColumns(where: string, source: SourceFile, row: BadRow): UsherError {
  return new UsherError(
    "IMPORT_COLUMNS",
    `${where}: not one line so far could be read. Looked for lines like "${source.layout}"; found, in line ${row.line}, "${row.raw.slice(0, 100)}": ${row.reason}. Check that the file is what its name says.`,
  );
}
