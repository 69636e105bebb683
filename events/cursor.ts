import { hashId } from "../release/hash.ts";

/** Seed of the part that tells two calls of one instant apart. */
const SEED = 0x63757273;
const CURSOR = /^([0-9a-z]{1,9})-[0-9a-f]{8}$/;

/**
 * The cursor of a call of events: when it was received, and which it was. A GET that carries it is
 * another cache key than any before, and says how new the live profile must be.
 *
 * @param receivedAt epoch milliseconds.
 */
export function encodeCursor(receivedAt: number, eventIds: readonly string[]): string {
  const call = hashId(eventIds.join("\n"), SEED);
  return `${receivedAt.toString(36)}-${call.lo.toString(16).padStart(8, "0")}`;
}

/** When the call of a cursor was received, in epoch milliseconds; null when it is not one of ours. */
export function decodeCursor(cursor: string): number | null {
  const match = CURSOR.exec(cursor);
  return match === null ? null : Number.parseInt(match[1]!, 36);
}
