/** What an event is known again by, however often it is delivered. */
import { type SQL, sql } from "drizzle-orm";

/**
 * An event's id as it is kept for ever: the first 128 bits of its SHA-256, 16 bytes whatever the id's
 * length. Two of 10 billion are the same with a probability of 10^-19.
 */
export function eventKey(eventId: SQL): SQL {
  return sql`encode(substring(sha256(convert_to(${eventId}, 'UTF8')) from 1 for 16), 'hex')::uuid`;
}
