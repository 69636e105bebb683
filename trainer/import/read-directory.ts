import path from "node:path";
import type { ImportFormat, SourceFile } from "../../events/formats/format.ts";
import { UsherError } from "../../release/error.ts";
import { findFormat } from "./find-format.ts";
import { linesOf, readLines } from "./read-lines.ts";
import { type ReadBatch, readSource } from "./read-source.ts";

/** Counts of a reading; they grow while its batches are taken. */
export interface ReadCounts {
  ratings: number;
  items: number;
  users: number;
  /** Lists that were shown to somebody. */
  shown: number;
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

/**
 * Opens a folder of ratings for reading, without a database. Its format is detected; a bad line is
 * handed on with its reason, and the lines around it are read.
 *
 * @param given its format, where that is known.
 * @throws UsherError `IMPORT_FOLDER_MISSING`, `IMPORT_FOLDER_EMPTY`, `IMPORT_FORMAT_UNKNOWN` at
 *   once; while reading `IMPORT_HEADER` for a file without its header or with other columns,
 *   `IMPORT_COLUMNS` for one that starts with 5,000 lines of another form or has no other lines,
 *   `IMPORT_NO_RATINGS`, `IMPORT_UNREADABLE`.
 */
export async function readDirectory(
  dir: string,
  given?: ImportFormat | undefined,
): Promise<DirectoryReading> {
  const { format, files, bytes } = await findFormat(dir, Date.now(), given);
  const counts = noCounts();
  return {
    format: format.name,
    files: files.map(({ file }) => file),
    bytes,
    counts,
    batches: readFiles(dir, files, counts),
  };
}

function noCounts(): ReadCounts {
  return { ratings: 0, items: 0, users: 0, shown: 0, badRows: 0, reasons: {} };
}

/**
 * Opens one stream of lines for reading, such as standard input: all of it is the format's one file.
 *
 * @param name what it is called in messages and in quarantine.
 */
export function readStream(
  stream: AsyncIterable<string>,
  name: string,
  format: ImportFormat,
): DirectoryReading {
  const counts = noCounts();
  const source = format.open(Date.now())[0]!;
  async function* batches(): AsyncGenerator<ReadBatch> {
    for await (const batch of readSource(linesOf(stream), name, { ...source, file: name })) {
      count(batch, counts);
      yield batch;
    }
  }
  return { format: format.name, files: [name], bytes: 0, counts, batches: batches() };
}

async function* readFiles(
  dir: string,
  files: readonly SourceFile[],
  counts: ReadCounts,
): AsyncGenerator<ReadBatch> {
  let bytesBefore = 0;
  for (const source of files) {
    let bytesOfFile = 0;
    const where = path.join(dir, source.file);
    for await (const batch of readSource(readLines(where, source.encoding), where, source)) {
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

function count(batch: ReadBatch, counts: ReadCounts): void {
  counts.ratings += batch.ratings.length;
  counts.items += batch.items.length;
  counts.users += batch.users.length;
  counts.shown += batch.shown.length;
  counts.badRows += batch.bad.length;
  for (const { reason } of batch.bad) counts.reasons[reason] = (counts.reasons[reason] ?? 0) + 1;
}
