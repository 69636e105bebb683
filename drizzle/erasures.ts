/** Every statement about people who asked to be forgotten. */
import { type SQL, sql } from "drizzle-orm";

/**
 * The digest by which an erased user is known again: SHA-256 of the id with a prefix of ours.
 *
 * Of an id that can be guessed (`42`) it is a pseudonym rather than anonymous: whoever reads this
 * table can try ids. It never leaves the database.
 */
export function userDigest(userId: SQL): SQL {
  return sql`encode(sha256(convert_to('usher erasure ' || ${userId}, 'UTF8')), 'hex')`;
}
