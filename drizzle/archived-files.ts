/** Every statement about events that have left the table for files. */
import { asc, eq, sql } from "drizzle-orm";
import { UsherError } from "../release/error.ts";
import type { Database } from "./database.ts";
import { eventKey } from "./event-ids.ts";
import type { EventPartition, SequenceRange } from "./event-partitions.ts";
import { explained, isDeadlock, isLockTimeout } from "./failure.ts";
import { archivedFiles } from "./schema.ts";

/** How long an archiving waits for whoever holds the table. */
const LOCK_TIMEOUT_MS = 10_000;

/** A file of the archive: the events of a range of sequence numbers. */
export interface ArchivedFile extends SequenceRange {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
  /** When the newest of its events happened, epoch ms. */
  readonly newestAt: number;
}

/** Every file of the archive, by ascending range. */
export async function listArchivedFiles(database: Database): Promise<ArchivedFile[]> {
  const rows = await explained("Reading the archive's list", () =>
    database.db.select().from(archivedFiles).orderBy(asc(archivedFiles.fromSeq)),
  );
  return rows.map(({ fromSeq, toSeq, newestAt, rows, bytes, sha256 }) => {
    return { from: fromSeq, to: toSeq, rows, bytes, sha256, newestAt: newestAt.getTime() };
  });
}

/** What is in a partition, in short; times in epoch ms. */
export interface PartitionContents {
  readonly rows: number;
  /** When the newest of its events happened, or was stored, whichever is later; 0 without any. */
  readonly newestAt: number;
}

/** Counts a partition. Stored later means a higher number, so that the last row tells. */
export async function partitionContents(
  database: Database,
  { name }: EventPartition,
): Promise<PartitionContents> {
  const table = sql.identifier(name);
  const { rows } = await explained(`Looking into ${name}`, () =>
    database.db.execute(sql`
      select count(*)::double precision as rows,
        (extract(epoch from greatest(max(occurred_at), (select ingested_at from ${table}
          order by seq desc limit 1), to_timestamp(0))) * 1000)::double precision as "newestAt"
      from ${table}`),
  );
  return rows[0] as unknown as PartitionContents;
}

/** When the first of the experiments that run was started, epoch ms; null when none runs. */
export async function firstRunningExperiment(database: Database): Promise<number | null> {
  const { rows } = await explained("Reading the experiments", () =>
    database.db.execute<{ at: number | null }>(sql`
      select (extract(epoch from min(started_at)) * 1000)::double precision as at
      from experiments where status = 'running'`),
  );
  return rows[0]!.at;
}

/** Whether events of a time, or of later ones, have left the table. */
export async function isArchivedSince(database: Database, since: Date): Promise<boolean> {
  const { rows } = await explained("Reading the archive's list", () =>
    database.db.execute<{ archived: boolean }>(sql`
      select exists (select from archived_files
        where newest_at >= ${since.toISOString()}::timestamptz) as archived`),
  );
  return rows[0]!.archived;
}

/**
 * Takes a partition out of the table and notes the files that hold its events, in one transaction.
 * Events go on coming in; whoever wants to erase somebody waits.
 *
 * @returns false when the partition does not hold as many events as the files any more: somebody was
 *   erased since they were written. Nothing has changed then.
 * @throws UsherError `ARCHIVE_BLOCKED` when the table is held for 10 s; nothing has changed.
 */
export async function archivePartition(
  database: Database,
  { name }: EventPartition,
  files: readonly ArchivedFile[],
): Promise<boolean> {
  try {
    return await explained(`Taking ${name} out of the table`, () =>
      database.db.transaction(async (transaction) => {
        const table = sql.identifier(name);
        await transaction.execute(sql.raw(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`));
        // The parent first, as erasures lock it: two that took them in another order would deadlock.
        await transaction.execute(sql`lock table only events in share update exclusive mode`);
        await transaction.execute(sql`lock table ${table} in share mode`);
        const counted = await transaction.execute<{ rows: number }>(
          sql`select count(*)::double precision as rows from ${table}`,
        );
        const expected = files.reduce((sum, file) => sum + file.rows, 0);
        if (counted.rows[0]!.rows !== expected) return false;
        for (const { from, to, newestAt, ...file } of files) {
          const row = { ...file, fromSeq: from, toSeq: to, newestAt: new Date(newestAt) };
          await transaction.insert(archivedFiles).values(row);
        }
        await transaction.execute(sql`alter table events detach partition ${table}`);
        await transaction.execute(sql`drop table ${table}`);
        return true;
      }),
    );
  } catch (error) {
    if (!isLockTimeout(error) && !isDeadlock(error)) throw error;
    throw new UsherError(
      "ARCHIVE_BLOCKED",
      `${name} could not be taken out of the table, because somebody held events for over ${LOCK_TIMEOUT_MS / 1000} s (an import, a long query, a VACUUM). Nothing has changed; run it again.`,
      { cause: error },
    );
  }
}

/** SHA-256 digests of everybody who was erased, as `userDigest` makes them. */
export async function erasedDigests(database: Database): Promise<Set<string>> {
  const { rows } = await explained("Reading the erasures", () =>
    database.db.execute<{ digest: string }>(sql`select user_hash as digest from erasures`),
  );
  return new Set(rows.map(({ digest }) => digest));
}

/**
 * Notes that a file was written anew without some of its events, and forgets their ids. A file that
 * would be empty is none any more.
 */
export async function replaceArchivedFile(
  database: Database,
  file: ArchivedFile,
  goneEventIds: readonly string[],
): Promise<void> {
  const { rows, bytes, sha256 } = file;
  await explained("Replacing a file of the archive", () =>
    database.db.transaction(async (transaction) => {
      const isIt = eq(archivedFiles.fromSeq, file.from);
      if (rows === 0) await transaction.delete(archivedFiles).where(isIt);
      else await transaction.update(archivedFiles).set({ rows, bytes, sha256 }).where(isIt);
      await transaction.execute(sql`
        delete from event_ids where id in (select ${eventKey(sql`value`)}
          from jsonb_array_elements_text(${JSON.stringify(goneEventIds)}::jsonb))`);
    }),
  );
}
