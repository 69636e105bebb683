/** Where an event ended up: in which dataset first, and which releases learned from that one. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
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
  readonly storedAt: string;
  /** The answer that the client says brought it about. */
  readonly answeredBy: string | null;
  /** The first dataset with a watermark that it lies below; null while no cycle has run since. */
  readonly dataset: { readonly hash: string; readonly watermark: number } | null;
  /** Releases trained on that dataset, oldest first. */
  readonly releases: readonly { readonly release: string; readonly status: string }[];
}

const ISO = sql.raw(`'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`);

/** @returns null for an event that is not stored. */
export async function traceEvent(database: Database, eventId: string): Promise<EventTrace | null> {
  const result = await explained("Looking for an event", () =>
    database.db.execute(sql`
      select event_id as "eventId", seq::double precision as seq, type::text as type,
        item_id as "itemId", source, request_id as "answeredBy",
        to_char(occurred_at at time zone 'UTC', ${ISO}) as "occurredAt",
        to_char(ingested_at at time zone 'UTC', ${ISO}) as "storedAt",
        case when first.hash is null then null
          else json_build_object('hash', first.hash, 'watermark', first.watermark) end as dataset,
        coalesce((select json_agg(json_build_object('release', release, 'status', status)
            order by created_at) from releases where dataset_hash = first.hash), '[]') as releases
      from events left join lateral (
        select hash, watermark from datasets where watermark >= seq order by watermark limit 1
      ) as first on true
      where event_id = ${eventId}`),
  );
  return (result.rows[0] as unknown as EventTrace | undefined) ?? null;
}
