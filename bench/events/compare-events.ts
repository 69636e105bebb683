import type { Database } from "../../drizzle/database.ts";
import { type SentEvent, standingRatings } from "./event-traffic.ts";

/** How the stored events differ from those that were sent. */
export interface Compared {
  /** Events sent that are not in the table. */
  readonly lost: number;
  /** Rows too many, and rows that differ from what was sent. */
  readonly doubled: number;
  /** Standing ratings that differ from those computed from the input. */
  readonly wrongRatings: number;
}

/** Compares table and view with what they must hold, computed from what was sent. */
export async function compareWithSent(
  database: Database,
  events: readonly SentEvent[],
): Promise<Compared> {
  const { rows } = await database.pool.query(
    `select event_id, user_id, item_id, type, value, minutes,
       (extract(epoch from occurred_at) * 1000)::double precision as at from events`,
  );
  const sent = new Map(events.map((event) => [event.eventId, rowOf(event)]));
  let doubled = 0;
  for (const row of rows) {
    const id = row.event_id as string;
    if (sent.get(id) === JSON.stringify(Object.values(row))) sent.delete(id);
    else doubled++;
  }
  const ratings = await database.pool.query("select user_id, item_id, value from ratings");
  const standing = standingRatings(events);
  let wrongRatings = Math.abs(standing.size - ratings.rows.length);
  for (const { user_id, item_id, value } of ratings.rows) {
    if (standing.get(`${user_id}/${item_id}`) !== value) wrongRatings++;
  }
  return { lost: sent.size, doubled, wrongRatings };
}

function rowOf(event: SentEvent): string {
  const { eventId, userId, itemId, type, value = null, minutes = null, occurredAt } = event;
  return JSON.stringify([eventId, userId, itemId, type, value, minutes, occurredAt]);
}
