/** What can be said about the events up to a watermark, for gates and comparisons. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { explained } from "./failure.ts";

/** Counts of the events up to a watermark; the same watermark gives the same ones. */
export interface DatasetFacts {
  readonly events: number;
  readonly users: number;
  readonly items: number;
  readonly types: Readonly<Record<string, number>>;
  /** Events by rating, in steps of a half: `0.5` to `5`. */
  readonly ratings: Readonly<Record<string, number>>;
  readonly sources: readonly SourceFacts[];
  /** When the newest event happened, epoch ms. */
  readonly newestAt: number;
  /** Events beyond the first of the same user, item and type. */
  readonly repeated: number;
  /** Most events of one user. */
  readonly busiestUser: number;
  /** The items with most events, with their events. */
  readonly popular: readonly (readonly [string, number])[];
  /** Of the newest tenth of the sequence: how many events, of the busiest user, about items new in it. */
  readonly recent: {
    readonly events: number;
    readonly busiestUser: number;
    readonly newItems: number;
  };
}

/** Events of one source, by their sequence: what of it a dataset contains. */
export interface SourceFacts {
  readonly source: string;
  readonly events: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** Items that `popular` names at most. */
export const POPULAR_ITEMS = 200;

/** Counts the events up to a watermark. */
export async function datasetFacts(database: Database, watermark: number): Promise<DatasetFacts> {
  const since = watermark - Math.floor(watermark / 10);
  const result = await explained("Counting the events", () =>
    database.db.execute(sql`
      with e as materialized (
        select seq, user_id, item_id, type::text as type, value, occurred_at, source
        from events where seq <= ${watermark}
      ), by_item as (
        select item_id, count(*)::int as events, min(seq) as first_seq from e group by 1
      ), recent as (
        select user_id, item_id from e where seq > ${since}
      )
      select count(*)::double precision as events,
        count(distinct user_id)::double precision as users,
        (select count(*) from by_item)::double precision as items,
        coalesce(round(extract(epoch from max(occurred_at)) * 1000), 0)::double precision
          as "newestAt",
        (count(*) - (select count(*) from
          (select distinct user_id, item_id, type from e) as pairs))::double precision as repeated,
        (select coalesce(max(n), 0) from (select count(*) as n from e group by user_id) as per_user)
          ::double precision as "busiestUser",
        (select coalesce(jsonb_object_agg(type, n), '{}') from
          (select type, count(*) as n from e group by 1) as by_type) as types,
        (select coalesce(jsonb_object_agg(rating, n), '{}') from
          (select (round(value * 2) / 2)::text as rating, count(*) as n from e
            where value is not null group by 1) as by_rating) as ratings,
        (select coalesce(jsonb_agg(jsonb_build_object('source', source, 'events', n,
            'firstSeq', first_seq, 'lastSeq', last_seq) order by source collate "C"), '[]') from
          (select source, count(*) as n, min(seq) as first_seq, max(seq) as last_seq
            from e group by 1) as by_source) as sources,
        (select coalesce(jsonb_agg(jsonb_build_array(item_id, events) order by events desc,
            item_id collate "C"), '[]') from (select * from by_item
            order by events desc, item_id collate "C" limit ${POPULAR_ITEMS}) as top) as popular,
        (select jsonb_build_object('events', count(*),
            'busiestUser', coalesce((select max(n) from
              (select count(*) as n from recent group by user_id) as per_user), 0),
            'newItems', count(*) filter (where item_id in
              (select item_id from by_item where first_seq > ${since})))
          from recent) as recent
      from e`),
  );
  return result.rows[0] as unknown as DatasetFacts;
}
