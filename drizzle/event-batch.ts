/** Storing what arrives: events, poison and dead letters of a batch, in one round trip. */
import { sql } from "drizzle-orm";
import { UsherError } from "../release/error.ts";
import type { Database } from "./database.ts";
import type { NewDeadLetter } from "./dead-letters.ts";
import { again } from "./deadlock.ts";
import { userDigest } from "./erasures.ts";
import { eventKey } from "./event-ids.ts";
import { makeRoom } from "./event-partitions.ts";
import type { NewEvent } from "./events.ts";
import { explained, isDeadlock, lacksPartition, sqlState } from "./failure.ts";
import { type QuarantinedRow, storable } from "./quarantine.ts";

/** An event with where it came from: `api`, or an import's folder and format. */
export interface SourcedEvent extends NewEvent {
  readonly source: string;
}

/** What a batch of messages holds; all of it is stored, or none. */
export interface EventBatch {
  readonly events: readonly SourcedEvent[];
  readonly quarantined?: readonly QuarantinedRow[];
  readonly unreadable?: readonly NewDeadLetter[];
}

/** What became of a batch; events that are neither inserted nor in one of the others were known. */
export interface StoredBatch {
  readonly inserted: number;
  /** Events of erased users, which are not stored. */
  readonly erased: number;
  /** Events that Postgres alone found fault with; they are in quarantine. */
  readonly refused: number;
}

/**
 * Stores a batch in one round trip; what is known by its id already changes nothing.
 *
 * Where Postgres refuses the data of one event that our checks let through, the batch is halved until
 * that event stands alone; it goes to quarantine with Postgres' reason, and the others are stored.
 *
 * @throws UsherError `DATABASE_FAILED` when the database is away or refuses for another reason.
 */
export async function storeBatch(database: Database, batch: EventBatch): Promise<StoredBatch> {
  try {
    return { ...(await insertBatch(database, batch)), refused: 0 };
  } catch (error) {
    if (!blamesTheData(error)) throw error;
    const [event] = batch.events;
    if (event === undefined) throw error;
    if (batch.events.length === 1) return refuse(database, batch, event, error);
  }
  const middle = batch.events.length >> 1;
  const first = await storeBatch(database, { ...batch, events: batch.events.slice(0, middle) });
  const second = await storeBatch(database, { events: batch.events.slice(middle) });
  return {
    inserted: first.inserted + second.inserted,
    erased: first.erased + second.erased,
    refused: first.refused + second.refused,
  };
}

async function refuse(
  database: Database,
  batch: EventBatch,
  { source, ...event }: SourcedEvent,
  error: unknown,
): Promise<StoredBatch> {
  const row: QuarantinedRow = {
    source: `refused:${event.eventId}`,
    line: null,
    raw: JSON.stringify({ ...event, source }),
    reason: error instanceof UsherError ? error.message : String(error),
  };
  const quarantined = [...(batch.quarantined ?? []), row];
  await insertBatch(database, { ...batch, events: [], quarantined });
  return { inserted: 0, erased: 0, refused: 1 };
}

/** SQLSTATE classes that blame the data: bad values, broken constraints, too long for an index. */
function blamesTheData(error: unknown): boolean {
  if (lacksPartition(error)) return false;
  return ["22", "23", "54"].includes(sqlState(error)?.slice(0, 2) ?? "");
}

/**
 * One statement for all of a batch.
 *
 * Rows go as one JSON parameter: a statement with a thousand placeholders would be parsed anew for
 * every batch size, and Postgres allows 65,535 of them. They are numbered in their order, so that the
 * later of two ratings at the same instant has the higher seq. A number is drawn after the statement
 * has locked the table, which is what a watermark relies on.
 *
 * Ids are claimed in their own order: writers that bring the same events in different orders wait for
 * each other, and do not deadlock. Should Postgres end a statement all the same, it is tried again;
 * likewise when the numbers have run past the last partition.
 *
 * @throws UsherError `DATABASE_FAILED`; nothing of the batch is stored then.
 */
export async function insertBatch(
  database: Database,
  batch: EventBatch,
): Promise<{ inserted: number; erased: number }> {
  const { events, quarantined = [], unreadable = [] } = batch;
  if (events.length + quarantined.length + unreadable.length === 0) {
    return { inserted: 0, erased: 0 };
  }
  return explained(`Storing ${events.length} events`, () =>
    again(
      () => insertOnce(database, batch),
      async (error) => {
        if (!lacksPartition(error)) return isDeadlock(error);
        await makeRoom(database);
        return true;
      },
    ),
  );
}

async function insertOnce(
  database: Database,
  { events, quarantined = [], unreadable = [] }: EventBatch,
): Promise<{ inserted: number; erased: number }> {
  const result = await database.db.execute<{ inserted: number; erased: number }>(sql`
    with arriving as (
      select * from rows from (jsonb_to_recordset(${JSON.stringify(events)}::jsonb) as (
        "eventId" text, "userId" text, "itemId" text, type event_type, value real, minutes real,
        share real, "occurredAt" double precision, source text, "requestId" text)) with ordinality
    ), incoming as (
      select * from arriving where not exists (
        select from erasures where user_hash = ${userDigest(sql`"userId"`)})
    ), numbered as materialized (
      select *, ${eventKey(sql`"eventId"`)} as id, nextval('events_seq_seq') as seq
      from (select * from incoming order by ordinality) as ordered
    ), known_users as (
      insert into users (user_id)
      select distinct "userId" from incoming order by 1
      on conflict (user_id) do nothing
    ), claimed as (
      insert into event_ids (id, seq) select id, seq from numbered order by id
      on conflict (id) do nothing
      returning seq
    ), stored as (
      insert into events (seq, event_id, user_id, item_id, type, value, minutes, share, occurred_at,
        source, request_id)
      select seq, "eventId", "userId", "itemId", type, value, minutes, share,
        to_timestamp("occurredAt" / 1000), source, "requestId"
      from numbered join claimed using (seq) order by seq
      returning 1
    ), poison as (
      insert into quarantine (source, line, raw, reason)
      select source, line, raw, reason
      from jsonb_to_recordset(${JSON.stringify(quarantined.map(storable))}::jsonb)
        as row(source text, line integer, raw text, reason text)
      on conflict do nothing
    ), dead as (
      insert into dead_letters (message_id, body, reason)
      select "messageId", body, reason
      from jsonb_to_recordset(${JSON.stringify(unreadable)}::jsonb)
        as row("messageId" text, body text, reason text)
      on conflict (message_id) do nothing
    )
    select (select count(*) from stored)::int as inserted,
      ((select count(*) from arriving) - (select count(*) from incoming))::int as erased`);
  return result.rows[0]!;
}
