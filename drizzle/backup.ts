/** Reading every table row by row, and putting rows back, without knowing what a table is for. */
import { type SQL, sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { userDigest } from "./erasures.ts";
import { eventKey } from "./event-ids.ts";
import { ensurePartitions } from "./event-partitions.ts";
import type { StoredEvent } from "./event-ranges.ts";
import { explained } from "./failure.ts";

/**
 * Every table but `events` and their ids, which snapshots hold, in an order in which rows can be put back: what is
 * referred to comes first, and erasures before everybody whom they are about.
 */
export const TABLES_OF_A_BACKUP = [
  "erasures",
  "items",
  "users",
  "quarantine",
  "dead_letters",
  "datasets",
  "releases",
  "experiments",
  "exposures",
  "served_lists",
  "cron_runs",
  "metrics_hourly",
  "traffic_flushes",
  "archived_files",
] as const;

export type BackupTable = (typeof TABLES_OF_A_BACKUP)[number];

/** Reads one table in batches of JSON texts, a row each; numbers and times keep every digit. */
export type TableReader = (table: BackupTable, batchSize: number) => AsyncGenerator<string[]>;

/** Gives `use` a reader to which all tables are of one moment. */
export async function readTables<Result>(
  database: Database,
  use: (read: TableReader) => Promise<Result>,
): Promise<Result> {
  return explained("Reading the tables", () =>
    database.db.transaction(
      (transaction) =>
        use(async function* (table, batchSize) {
          const cursor = sql.identifier(`backup_of_${table}`);
          await transaction.execute(
            sql`declare ${cursor} cursor for select row_to_json(t)::text as row from ${sql.identifier(table)} t`,
          );
          for (;;) {
            const { rows } = await transaction.execute<{ row: string }>(
              sql`fetch ${sql.raw(String(batchSize))} from ${cursor}`,
            );
            if (rows.length === 0) break;
            yield rows.map(({ row }) => row);
          }
          await transaction.execute(sql`close ${cursor}`);
        }),
      { isolationLevel: "repeatable read", accessMode: "read only" },
    ),
  );
}

/**
 * Puts rows back. Rows that are there stay as they are, so that it may be done again.
 *
 * Columns that the rows do not have, because a later migration made them, get their defaults.
 *
 * @param rows JSON texts as `readTables` gave them.
 */
export async function putRowsBack(
  database: Database,
  table: BackupTable,
  rows: readonly string[],
): Promise<void> {
  const first = rows[0];
  if (first === undefined) return;
  const names = Object.keys(JSON.parse(first) as object).map((name) => sql.identifier(name));
  const columns = sql.join(names, sql`, `);
  await explained(`Putting rows of ${table} back`, () =>
    database.db.execute(sql`
      insert into ${sql.identifier(table)} (${columns}) overriding system value
      select ${columns} from json_populate_recordset(
        null::${sql.identifier(table)}, ${`[${rows.join()}]`}::json)
      on conflict do nothing`),
  );
}

/** Lets identity columns count on from the rows that were put back. */
export async function continueIdentities(database: Database): Promise<void> {
  await explained("Setting the sequences", () =>
    database.db.execute(sql`
      do $$
      declare the record;
      begin
        for the in select table_name, column_name from information_schema.columns
          where table_schema = current_schema() and is_identity = 'YES'
        loop
          execute format(
            'select setval(pg_get_serial_sequence(%L, %L), greatest((select coalesce(max(%I), 1) from %I),
              (select last_value from %s)))', quote_ident(the.table_name), the.column_name,
            the.column_name, the.table_name,
            pg_get_serial_sequence(quote_ident(the.table_name), the.column_name));
        end loop;
      end $$`),
  );
}

/**
 * Makes room for the events up to a watermark under their old numbers. Events that came into the new
 * database before get numbers after it; done again, it changes nothing.
 */
export async function reserveSequence(database: Database, watermark: number): Promise<void> {
  await ensurePartitions(database, { from: watermark + 1, to: watermark + 1 });
  await explained("Reserving the sequence of events", () =>
    database.db.transaction(async (transaction) => {
      await transaction.execute(sql`lock table only events in share row exclusive mode`);
      const { rows } = await transaction.execute<{ reserved: boolean }>(sql`
        select last_value >= ${watermark} as reserved from events_seq_seq`);
      if (rows[0]!.reserved) return;
      await transaction.execute(sql`select setval('events_seq_seq', ${watermark})`);
      await transaction.execute(sql`
        with moved as (
          update events set seq = nextval('events_seq_seq') where seq <= ${watermark}
          returning event_id, seq
        )
        update event_ids set seq = moved.seq from moved
        where event_ids.id = ${eventKey(sql`moved.event_id`)}`);
    }),
  );
}

/** Events as rows that a statement can read, without those of erased users. */
function given(events: readonly StoredEvent[]): SQL {
  return sql`(
    select seq, "eventId", ${eventKey(sql`"eventId"`)} as id, "userId", "itemId", type, value, minutes,
      share, "occurredAt", source, "requestId"
    from jsonb_to_recordset(${JSON.stringify(events)}::jsonb) as row (seq bigint,
      "eventId" text, "userId" text, "itemId" text, type text, value real, minutes real,
      share real, "occurredAt" double precision, source text, "requestId" text)
    where not exists (
      select from erasures where user_hash = ${userDigest(sql`row."userId"`)}))`;
}

/**
 * Puts events back under their old numbers, but those of erased users. What is there stays.
 *
 * @param events of numbers that have a partition.
 * @returns how many were not there.
 */
export async function putEventsBack(
  database: Database,
  events: readonly StoredEvent[],
): Promise<number> {
  const result = await explained("Putting events back", () =>
    database.db.execute(sql`
      with given as materialized ${given(events)}, claimed as (
        insert into event_ids (id, seq) select id, seq from given order by id
        on conflict (id) do nothing
        returning seq
      )
      insert into events (seq, event_id, user_id, item_id, type, value, minutes, share, occurred_at,
        source, request_id)
      select seq, "eventId", "userId", "itemId", type::event_type, value, minutes, share,
        to_timestamp("occurredAt" / 1000), source, "requestId"
      from given join claimed using (seq)`),
  );
  return result.rowCount ?? 0;
}

/** Puts back that events were stored, which themselves stay in the archive's files. */
export async function putEventIdsBack(
  database: Database,
  events: readonly StoredEvent[],
): Promise<void> {
  await explained("Putting ids of events back", () =>
    database.db.execute(sql`
      insert into event_ids (id, seq) select id, seq from ${given(events)} as given order by id
      on conflict (id) do nothing`),
  );
}
