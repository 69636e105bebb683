/** Where an event ended up: in which dataset first, and which releases learned from that one. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { eventKey } from "./event-ids.ts";
import type { StoredEvent } from "./event-ranges.ts";
import { explained } from "./failure.ts";

/** A stored event and what came of it; times in ISO 8601. It does not say whose event it is. */
export interface EventTrace {
  readonly eventId: string;
  /** Its place in the order of ingestion, which watermarks count in. */
  readonly seq: number;
  readonly type: string;
  readonly itemId: string;
  readonly source: string;
  readonly occurredAt: string;
  /** Null for an event that is in the archive, which does not keep it. */
  readonly storedAt: string | null;
  /** The answer that the client says brought it about. */
  readonly answeredBy: string | null;
  /** The first dataset with a watermark that it lies below; null while no cycle has run since. */
  readonly dataset: { readonly hash: string; readonly watermark: number } | null;
  /** Releases trained on that dataset, oldest first. */
  readonly releases: readonly { readonly release: string; readonly status: string }[];
}

const ISO = sql.raw(`'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`);

/** Finds an event in the archive's files by its number. */
export type ReadArchived = (seq: number) => Promise<StoredEvent | null>;

/** @returns null for an event that is not stored. */
export async function traceEvent(
  database: Database,
  eventId: string,
  readArchived: ReadArchived,
): Promise<EventTrace | null> {
  const result = await explained("Looking for an event", () =>
    database.db.execute(sql`
      select seq::double precision as seq, type::text as type,
        item_id as "itemId", source, request_id as "answeredBy",
        to_char(occurred_at at time zone 'UTC', ${ISO}) as "occurredAt",
        to_char(ingested_at at time zone 'UTC', ${ISO}) as "storedAt",
        case when first.hash is null then null
          else json_build_object('hash', first.hash, 'watermark', first.watermark) end as dataset,
        coalesce((select json_agg(json_build_object('release', release, 'status', status)
            order by created_at) from releases where dataset_hash = first.hash), '[]') as releases
      from event_ids left join events using (seq) left join lateral (
        select hash, watermark from datasets where watermark >= seq order by watermark limit 1
      ) as first on true
      where event_ids.id = ${eventKey(sql`${eventId}::text`)}`),
  );
  const found = result.rows[0] as unknown as Omit<EventTrace, "eventId"> | undefined;
  if (found === undefined) return null;
  if (found.type !== null) return { ...found, eventId };
  const event = await readArchived(found.seq);
  return event === null ? null : { ...found, ...archivedTrace(event) };
}

function archivedTrace({ eventId, type, itemId, source, occurredAt, requestId }: StoredEvent) {
  const at = new Date(occurredAt).toISOString();
  return { eventId, type, itemId, source, occurredAt: at, answeredBy: requestId };
}
