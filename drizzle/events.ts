/** Every statement about events. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { insertBatch } from "./event-batch.ts";

/** An event as it is stored; times in epoch milliseconds. */
export interface NewEvent {
  readonly eventId: string;
  readonly userId: string;
  readonly itemId: string;
  readonly type: "rate" | "play" | "click" | "view" | "remove";
  readonly value: number | null;
  readonly minutes: number | null;
  readonly share: number | null;
  readonly occurredAt: number;
  readonly requestId: string | null;
}

/**
 * Stores events of one source and the users in them in one round trip; an event known by its id
 * changes nothing, and an erased user's is left out.
 *
 * @returns how many were new.
 * @throws UsherError `DATABASE_FAILED`; none of the rows is stored then.
 */
export async function insertEvents(
  database: Database,
  rows: readonly NewEvent[],
  source: string,
): Promise<{ inserted: number }> {
  const events = rows.map((row) => ({ ...row, source }));
  const { inserted } = await insertBatch(database, { events });
  return { inserted };
}

/** What `recentInteractions` looks at; times in milliseconds. */
export interface RecentWindow {
  readonly now: number;
  readonly sinceMs: number;
  /** An event's weight halves with this age. */
  readonly halfLifeMs: number;
  readonly limit: number;
}

/**
 * Items by their recent events, best first: the sum over events of 2^(-age / half-life).
 *
 * A rating below 3 is interest that was disappointed and does not count. Ages past a thousand
 * half-lives count as that: what they weigh further is nothing, and an error in Postgres.
 */
export async function recentInteractions(
  database: Database,
  window: RecentWindow,
): Promise<{ itemId: string; score: number }[]> {
  const result = await database.db.execute<{ itemId: string; score: number }>(sql`
    select item_id as "itemId",
      sum(power(2::double precision, -least(1000, greatest(0, extract(epoch from
        to_timestamp(${window.now / 1000}::double precision) - occurred_at)::double precision
        * 1000 / ${window.halfLifeMs}::double precision)))) as score
    from events
    where occurred_at >= to_timestamp(${window.sinceMs / 1000}::double precision)
      and (value is null or value >= 3) and type <> 'remove'
    group by item_id
    order by score desc, item_id
    limit ${window.limit}`);
  return result.rows;
}

/** How much is stored. */
export interface StoredCounts {
  /** Those in the archive as well. */
  readonly events: number;
  readonly users: number;
  readonly items: number;
  readonly quarantined: number;
}

export async function countStored(database: Database): Promise<StoredCounts> {
  const result = await database.db.execute<Record<keyof StoredCounts, number>>(sql`
    select (select count(*) from events)::double precision
        + (select coalesce(sum(rows), 0) from archived_files)::double precision as events,
      (select count(*)::double precision from users) as users,
      (select count(*)::double precision from items) as items,
      (select count(*)::double precision from quarantine) as quarantined`);
  const { events, users, items, quarantined } = result.rows[0]!;
  return { events, users, items, quarantined };
}

/** A user with events, to show how to ask; null while there is none. */
export async function someUser(database: Database): Promise<string | null> {
  const result = await database.db.execute<{ userId: string }>(
    sql`select user_id as "userId" from events order by seq limit 1`,
  );
  return result.rows[0]?.userId ?? null;
}
