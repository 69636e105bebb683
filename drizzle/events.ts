/** Every statement about events. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { explained, sqlState } from "./failure.ts";

/** An event as it is stored; times in epoch milliseconds. */
export interface NewEvent {
  readonly eventId: string;
  readonly userId: string;
  readonly itemId: string;
  readonly type: "rate" | "play" | "click" | "view";
  readonly value: number | null;
  readonly minutes: number | null;
  readonly share: number | null;
  readonly occurredAt: number;
  readonly requestId: string | null;
}

/**
 * Stores events and the users in them in one round trip; an event known by its id changes nothing.
 *
 * Rows go as one JSON parameter: a statement with a thousand placeholders would be parsed anew for
 * every batch size, and Postgres allows 65,535 of them. They keep their order, so that the later of
 * two ratings at the same instant has the higher seq; two writers that bring the same new events in
 * different orders may therefore deadlock, and the one that Postgres picks tries again.
 *
 * @returns how many were new.
 * @throws UsherError `DATABASE_FAILED`; none of the rows is stored then.
 */
export async function insertEvents(
  database: Database,
  rows: readonly NewEvent[],
  source: string,
): Promise<{ inserted: number }> {
  if (rows.length === 0) return { inserted: 0 };
  return explained(`Storing ${rows.length} events`, async () => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await insertOnce(database, rows, source);
      } catch (error) {
        if (sqlState(error) !== DEADLOCK || attempt === ATTEMPTS) throw error;
      }
    }
  });
}

/** SQLSTATE of a statement that was ended because it and another waited for each other. */
const DEADLOCK = "40P01";
const ATTEMPTS = 3;

async function insertOnce(
  database: Database,
  rows: readonly NewEvent[],
  source: string,
): Promise<{ inserted: number }> {
  const result = await database.db.execute<{ inserted: number }>(sql`
    with incoming as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as row(
        "eventId" text, "userId" text, "itemId" text, type event_type, value real, minutes real,
        share real, "occurredAt" double precision, "requestId" text)
    ), known_users as (
      insert into users (user_id)
      select distinct "userId" from incoming order by 1
      on conflict (user_id) do nothing
    ), stored as (
      insert into events (event_id, user_id, item_id, type, value, minutes, share, occurred_at,
        source, request_id)
      select "eventId", "userId", "itemId", type, value, minutes, share,
        to_timestamp("occurredAt" / 1000), ${source}, "requestId"
      from incoming
      on conflict (event_id) do nothing
      returning 1
    )
    select count(*)::int as inserted from stored`);
  return { inserted: result.rows[0]?.inserted ?? 0 };
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
      and (value is null or value >= 3)
    group by item_id
    order by score desc, item_id
    limit ${window.limit}`);
  return result.rows;
}

/** How much is stored. */
export interface StoredCounts {
  readonly events: number;
  readonly users: number;
  readonly items: number;
  readonly quarantined: number;
}

export async function countStored(database: Database): Promise<StoredCounts> {
  const result = await database.db.execute<Record<keyof StoredCounts, number>>(sql`
    select (select count(*)::double precision from events) as events,
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
