import type { Database } from "../../drizzle/database.ts";
import { insertEvents } from "../../drizzle/events.ts";
import { upsertItems } from "../../drizzle/items.ts";
import { insertQuarantine } from "../../drizzle/quarantine.ts";
import { insertShownLists } from "../../drizzle/shown-lists.ts";
import { upsertUsers } from "../../drizzle/users.ts";
import { eventOfRating, type ImportFormat, storedShown } from "../../events/formats/format.ts";
import { type DirectoryReading, readDirectory } from "./read-directory.ts";
import type { ReadBatch } from "./read-source.ts";

/** What an import did. Importing the same files again gives `inserted: 0`. */
export interface ImportSummary {
  readonly format: string;
  readonly files: readonly string[];
  /** Ratings that could be read: `inserted` and `duplicates` together. */
  readonly rows: number;
  readonly inserted: number;
  /** Ratings that the database held already, or that stood in the files twice, time included. */
  readonly duplicates: number;
  /** Lines that could not be read, or not wholly; they are in quarantine. */
  readonly quarantined: number;
  /** Items described by the files. */
  readonly items: number;
  /** Users described by the files. */
  readonly users: number;
  /** Lists that the files say were shown to somebody. */
  readonly shown: number;
  /** Quarantined lines by reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

export interface ImportProgress {
  readonly file: string;
  /** Ratings stored so far, new or known. */
  readonly rows: number;
  /** Share 0..1 of the files' bytes. */
  readonly fraction: number;
}

export interface ImportOptions {
  readonly onProgress?: (progress: ImportProgress) => void;
}

/**
 * Imports a folder of ratings and items: each rating becomes an event with an id derived from its
 * content, so an import that was broken off is finished by running it again.
 *
 * The next batch is read and parsed while one is written. Memory does not grow with the files.
 *
 * @throws UsherError as `readDirectory`; what was written before stays.
 */
export async function importDirectory(
  database: Database,
  dir: string,
  options: ImportOptions & { readonly format?: ImportFormat | undefined } = {},
): Promise<ImportSummary> {
  return importReading(database, await readDirectory(dir, options.format), options);
}

/** Imports what has been opened, as `importDirectory` does. */
export async function importReading(
  database: Database,
  reading: DirectoryReading,
  options: ImportOptions = {},
): Promise<ImportSummary> {
  const source = `import:${reading.format}`;
  let rows = 0;
  let inserted = 0;
  for await (const batch of readAhead(reading.batches)) {
    inserted += await writeBatch(database, batch, source);
    rows += batch.ratings.length;
    const fraction = reading.bytes === 0 ? 1 : batch.bytesRead / reading.bytes;
    options.onProgress?.({ file: batch.file, rows, fraction });
  }
  const { counts } = reading;
  return {
    format: reading.format,
    files: reading.files,
    rows,
    inserted,
    duplicates: rows - inserted,
    quarantined: counts.badRows,
    items: counts.items,
    users: counts.users,
    shown: counts.shown,
    reasons: counts.reasons,
  };
}

/** Stores a batch; gives how many of its ratings were new. */
async function writeBatch(database: Database, batch: ReadBatch, source: string): Promise<number> {
  const kept = batch.bad.map(({ file, ...row }) => ({ source: `${source}/${file}`, ...row }));
  await insertQuarantine(database, kept);
  await upsertItems(database, batch.items);
  await upsertUsers(database, batch.users);
  await insertShownLists(database, batch.shown.map(storedShown));
  const { inserted } = await insertEvents(database, batch.ratings.map(eventOfRating), source);
  return inserted;
}

/** Asks for the next value before the present one is used up: reading and writing overlap. */
async function* readAhead<T>(values: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = values[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    while (true) {
      const { done, value } = await next;
      if (done === true) return;
      next = iterator.next();
      // A reading that fails must not count as unhandled while the batch before it is written.
      next.catch(() => {});
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}
