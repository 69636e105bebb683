/** Every statement about people who ask what is held about them, or to be forgotten. */
import { type SQL, sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { eventKey } from "./event-ids.ts";
import { explained } from "./failure.ts";

/** What stands before an id whose digest is made, so that it is no other digest of the same id. */
export const ERASURE_PREFIX = "usher erasure ";

/**
 * The digest by which an erased user is known again: SHA-256 of the id with a prefix of ours.
 *
 * Of an id that can be guessed (`42`) it is a pseudonym rather than anonymous: whoever reads this
 * table can try ids. It never leaves the database.
 */
export function userDigest(userId: SQL): SQL {
  return sql`encode(sha256(convert_to(${sql.raw(`'${ERASURE_PREFIX}'`)} || ${userId}, 'UTF8')), 'hex')`;
}

/** Rows that an erasure took out of the database. */
export interface ErasedRows {
  /** ISO 8601; of the first request, when it was made before. */
  readonly requestedAt: string;
  readonly events: number;
  readonly users: number;
  /** Exposures to experiments, and the lists that were shown in them. */
  readonly exposures: number;
  readonly servedLists: number;
}

/**
 * Forgets a user: nothing about them is kept, and nothing is taken in any more. Events that have left
 * the table for the archive's files are left out by whoever reads those; `usher datasets compact` takes
 * them out.
 *
 * The lock waits for inserts under way and holds new ones back until the erasure can be seen: an
 * insert that began before cannot bring the user back after.
 *
 * @param tombstone what the edge is to know them by.
 */
export async function eraseUser(
  database: Database,
  userId: string,
  tombstone: string,
): Promise<ErasedRows> {
  return explained("Erasing a user", () =>
    database.db.transaction(
      async (transaction) => {
        await transaction.execute(
          sql`lock table only events, exposures, served_lists in share row exclusive mode`,
        );
        const result = await transaction.execute<Record<keyof ErasedRows, never>>(sql`
          with erasure as (
            insert into erasures (user_hash, tombstone, completed_at)
            values (${userDigest(sql`${userId}::text`)}, ${tombstone}, now())
            on conflict (user_hash) do update set completed_at = excluded.completed_at
            returning requested_at
          ), gone_events as (
            delete from events where user_id = ${userId} returning event_id
          ), gone_ids as (
            delete from event_ids using gone_events
            where event_ids.id = ${eventKey(sql`gone_events.event_id`)}
          ), gone_users as (
            delete from users where user_id = ${userId} returning 1
          ), gone_exposures as (
            delete from exposures where user_id = ${userId} returning 1
          ), gone_lists as (
            delete from served_lists where user_id = ${userId} returning 1
          )
          select to_json((select requested_at from erasure)) #>> '{}' as "requestedAt",
            (select count(*) from gone_events)::int as events,
            (select count(*) from gone_users)::int as users,
            (select count(*) from gone_exposures)::int as exposures,
            (select count(*) from gone_lists)::int as "servedLists"`);
        return result.rows[0]! as unknown as ErasedRows;
      },
      { isolationLevel: "read committed" },
    ),
  );
}

/** Erasures take turns on this lock while they tell the edge; the number only has to be ours. */
const TELLING = 7_316_403;

/**
 * Hands over the tombstones of all users erased since a moment, one caller at a time: a list that is
 * read earlier cannot be published later. `since` in epoch milliseconds.
 */
export async function publishTombstones(
  database: Database,
  since: number,
  publish: (tombstones: readonly string[]) => Promise<void>,
): Promise<void> {
  await explained("Publishing the erasures", () =>
    database.db.transaction(async (transaction) => {
      await transaction.execute(sql`select pg_advisory_xact_lock(${TELLING})`);
      const result = await transaction.execute<{ tombstone: string }>(sql`
        select tombstone from erasures
        where requested_at >= to_timestamp(${since / 1000}::double precision) order by id`);
      await publish(result.rows.map(({ tombstone }) => tombstone));
    }),
  );
}

/** When the newest erasure was asked for, in epoch milliseconds; null when nobody ever asked. */
export async function newestErasure(database: Database): Promise<number | null> {
  const result = await explained("Reading the erasures", () =>
    database.db.execute<{ at: number | null }>(sql`
      select (extract(epoch from max(requested_at)) * 1000)::double precision as at from erasures`),
  );
  return result.rows[0]!.at;
}
