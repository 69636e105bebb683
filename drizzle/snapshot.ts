/** Reading events up to a point that never moves. */
import { sql } from "drizzle-orm";
import { UsherError } from "../release/error.ts";
import type { Database } from "./database.ts";

/** How long a watermark waits for inserts under way. */
const LOCK_TIMEOUT_MS = 30_000;
/** SQLSTATE of a lock that was not granted in time. */
const LOCK_NOT_AVAILABLE = "55P03";

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
    return await database.db.transaction(async (transaction) => {
      await transaction.execute(sql.raw(`set local lock_timeout = ${Math.round(lockTimeoutMs)}`));
      await transaction.execute(sql`lock table events in share mode`);
      const result = await transaction.execute<{ watermark: number }>(
        sql`select coalesce(max(seq), 0)::double precision as watermark from events`,
      );
      return result.rows[0]!.watermark;
    });
  } catch (error) {
    throw sqlState(error) === LOCK_NOT_AVAILABLE ? blocked(lockTimeoutMs) : error;
  }
}

function blocked(lockTimeoutMs: number): UsherError {
  return new UsherError(
    "WATERMARK_BLOCKED",
    `A transaction that inserts events has been open for over ${lockTimeoutMs / 1000} s, so no complete snapshot can be taken. Wait for the import or consumer that holds it (see pg_stat_activity), then try again.`,
  );
}

/** drizzle wraps the driver's error: the code is on the cause. */
function sqlState(error: unknown): string | undefined {
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  return code ?? cause?.code;
}

/** One event as training reads it; `occurredAt` in epoch milliseconds. */
export interface SnapshotEvent {
  readonly userId: string;
  readonly itemId: string;
  readonly type: string;
  readonly value: number | null;
  readonly occurredAt: number;
}

/** Every event up to a watermark, in batches, in the order of ingestion. */
export async function* readEvents(
  database: Database,
  watermark: number,
  batchSize = 20_000,
): AsyncGenerator<SnapshotEvent[]> {
  let after = 0;
  for (;;) {
    const result = await database.db.execute<{ seq: number } & Record<keyof SnapshotEvent, never>>(
      sql`select seq::double precision as seq, user_id as "userId", item_id as "itemId",
          type::text as type, value, round(extract(epoch from occurred_at) * 1000)::double precision
            as "occurredAt"
        from events where seq > ${after} and seq <= ${watermark} order by seq limit ${batchSize}`,
    );
    const rows = result.rows as unknown as (SnapshotEvent & { seq: number })[];
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.seq;
    yield rows;
  }
}
