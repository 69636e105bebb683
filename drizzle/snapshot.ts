/** Reading events up to a point that never moves. */
import { sql } from "drizzle-orm";
import { UsherError } from "../release/error.ts";
import type { Database } from "./database.ts";
import { isLockTimeout } from "./failure.ts";

/** How long a watermark waits for inserts under way. */
const LOCK_TIMEOUT_MS = 30_000;

/**
 * The highest sequence number such that no row below it can still appear.
 *
 * A sequence number is drawn before its row commits, so the highest visible one may have gaps that
 * fill later. SHARE MODE conflicts with inserting: the lock is granted when every insert under way
 * has ended, and no new one draws a number while the maximum is read, because an insert takes its
 * own lock first. Inserts wait for milliseconds.
 *
 * @returns 0 when there are no events.
 * @throws UsherError `WATERMARK_BLOCKED` when a writer holds its transaction open for 30 s.
 */
export async function takeWatermark(
  database: Database,
  lockTimeoutMs = LOCK_TIMEOUT_MS,
): Promise<number> {
  try {
    // Each statement must see what was committed while the lock was waited for.
    const isolationLevel = "read committed";
    const take = async (transaction: Transaction): Promise<number> => {
      await transaction.execute(sql.raw(`set local lock_timeout = ${Math.round(lockTimeoutMs)}`));
      await transaction.execute(sql`lock table only events in share mode`);
      const result = await transaction.execute<{ watermark: number }>(
        sql`select greatest((select max(seq) from events), (select max(to_seq) from archived_files), 0)
          ::double precision as watermark`,
      );
      return result.rows[0]!.watermark;
    };
    return await database.db.transaction(take, { isolationLevel });
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
    throw blocked(lockTimeoutMs, await whoHolds(database));
  }
}

type Transaction = Parameters<Parameters<Database["db"]["transaction"]>[0]>[0];

/** Who holds a lock on events that a watermark has to wait for, longest first, in words. */
async function whoHolds(database: Database): Promise<string[]> {
  const result = await database.db.execute<{ pid: number; mode: string; seconds: number }>(sql`
    select pid, mode, coalesce(extract(epoch from clock_timestamp() - xact_start), 0)::int as seconds
    from pg_locks join pg_stat_activity using (pid)
    where relation = 'events'::regclass and granted and pid <> pg_backend_pid()
      and mode in ('RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareRowExclusiveLock',
        'ExclusiveLock', 'AccessExclusiveLock')
    order by xact_start`);
  return result.rows.map(
    ({ pid, mode, seconds }) => `${kindOf(mode)} (pid ${pid}, for ${seconds} s)`,
  );
}

function kindOf(lockMode: string): string {
  if (lockMode === "RowExclusiveLock")
    return "a writer of events: an import or the consumer Worker";
  if (lockMode === "ShareUpdateExclusiveLock") return "a VACUUM or ANALYZE";
  return "a migration";
}

function blocked(lockTimeoutMs: number, holders: readonly string[]): UsherError {
  const who = holders.length === 0 ? "somebody who has ended since" : holders.join(", ");
  return new UsherError(
    "WATERMARK_BLOCKED",
    `No complete snapshot can be taken: events was held for over ${lockTimeoutMs / 1000} s by ${who}. Wait until that has ended, or end it with "select pg_terminate_backend(PID)", and try again.`,
  );
}

/** One event as training reads it; `occurredAt` in epoch milliseconds. */
export interface SnapshotEvent {
  readonly userId: string;
  readonly itemId: string;
  readonly type: string;
  readonly value: number | null;
  readonly occurredAt: number;
}

/**
 * Every event up to a watermark, in batches, in the order of ingestion. The next batch is asked for
 * while one is used.
 */
export async function* readEvents(
  database: Database,
  watermark: number,
  batchSize = 20_000,
): AsyncGenerator<SnapshotEvent[]> {
  let next = readBatch(database, 0, watermark, batchSize);
  for (;;) {
    const rows = await next;
    const last = rows.at(-1);
    if (last === undefined) return;
    next = readBatch(database, last.seq, watermark, batchSize);
    // It is awaited after this batch is used; until then a failure must not count as unheard.
    next.catch(() => {});
    yield rows;
  }
}

/**
 * Two things keep this on the primary key, which else would sort all that is left for every batch:
 * the watermark stands outside, since a range with two ends is estimated as a few rows while the
 * table has no statistics (right after an import); and the order is by the column, not by the
 * converted one of the same name.
 */
async function readBatch(
  database: Database,
  after: number,
  watermark: number,
  batchSize: number,
): Promise<(SnapshotEvent & { seq: number })[]> {
  const result = await database.db.execute(sql`
    select * from (
      select seq::double precision as seq, user_id as "userId", item_id as "itemId",
        type::text as type, value,
        round(extract(epoch from occurred_at) * 1000)::double precision as "occurredAt"
      from events where events.seq > ${after} order by events.seq limit ${batchSize}
    ) as following where seq <= ${watermark}`);
  return result.rows as unknown as (SnapshotEvent & { seq: number })[];
}
