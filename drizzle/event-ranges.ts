/** Reading events by ranges of their sequence, for files that hold one range each. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import type { SourcedEvent } from "./event-batch.ts";
import { explained } from "./failure.ts";

/** Sequence numbers of one file: some megabytes, and few files for years. */
export const FILE_RANGE = 250_000;

/** An event with all that is stored of it; times in epoch milliseconds. */
export interface StoredEvent extends SourcedEvent {
  readonly seq: number;
}

/** Events of each range of `size` sequence numbers up to a watermark, ascending; range 0 is 1..size. */
export async function rangeCounts(
  database: Database,
  watermark: number,
  size: number,
): Promise<{ range: number; rows: number }[]> {
  const result = await explained("Counting the events", () =>
    database.db.execute<{ range: number; rows: number }>(sql`
      select ((seq - 1) / ${size}::bigint)::double precision as range,
        count(*)::double precision as rows
      from events where seq <= ${watermark} group by 1 order by 1`),
  );
  return result.rows;
}

/** The events of a range of sequence numbers, both ends included, in order. */
export async function readRange(
  database: Database,
  from: number,
  to: number,
): Promise<StoredEvent[]> {
  const result = await explained(`Reading the events ${from} to ${to}`, () =>
    database.db.execute(sql`
      select seq::double precision as seq, event_id as "eventId", user_id as "userId",
        item_id as "itemId", type::text as type, value, minutes, share,
        round(extract(epoch from occurred_at) * 1000)::double precision as "occurredAt", source,
        request_id as "requestId"
      from events where events.seq between ${from} and ${to} order by events.seq`),
  );
  return result.rows as unknown as StoredEvent[];
}
