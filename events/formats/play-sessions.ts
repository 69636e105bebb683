import type { RawRating } from "./format.ts";

/**
 * A user who sees nothing of an item for so long has stopped watching it, in ms; also how far out of
 * order minutes may come.
 */
const GAP_MS = 60 * 60_000;
/** Sessions held at most; beyond that the one that has been quiet longest is let go. */
const MOST_SESSIONS = 100_000;

interface Session {
  readonly userId: string;
  readonly itemId: string;
  /** Position of its first line in the source. */
  readonly from: number;
  minutes: number;
  /** When the latest minute was watched: epoch ms. */
  occurredAt: number;
  lastSeenAt: number;
}

/**
 * Plays out of minutes: a player that reports each minute watched makes one play of a sitting, with
 * its latest minute, rather than 45 events.
 *
 * The minutes may come out of order; the highest counts, and its time is the play's. The same lines
 * give the same plays, so that reading them again changes nothing.
 */
export class PlaySessions {
  /** Insertion order is the order in which they were last seen. */
  readonly #open = new Map<string, Session>();

  /** Adds a minute watched; gives the plays that ended before it. */
  add(userId: string, itemId: string, minutes: number, at: number, position: number): RawRating[] {
    const key = `${userId}\n${itemId}`;
    const known = this.#open.get(key);
    this.#open.delete(key);
    const ended = this.#ended(at);
    if (known !== undefined && Math.abs(at - known.lastSeenAt) <= GAP_MS) {
      if (minutes > known.minutes) Object.assign(known, { minutes, occurredAt: at });
      known.lastSeenAt = Math.max(known.lastSeenAt, at);
      this.#open.set(key, known);
      return ended;
    }
    if (known !== undefined) ended.push(playOf(known));
    const session = { userId, itemId, from: position, minutes, occurredAt: at, lastSeenAt: at };
    this.#open.set(key, session);
    return ended;
  }

  /** Ends everything that is still open. */
  drain(): RawRating[] {
    const plays = Array.from(this.#open.values(), playOf);
    this.#open.clear();
    return plays;
  }

  /** Position of the earliest line whose play has not been given yet; null when none is held. */
  get heldFrom(): number | null {
    let from = Number.POSITIVE_INFINITY;
    for (const session of this.#open.values()) from = Math.min(from, session.from);
    return from === Number.POSITIVE_INFINITY ? null : from;
  }

  #ended(now: number): RawRating[] {
    const plays: RawRating[] = [];
    for (const [key, session] of this.#open) {
      if (now - session.lastSeenAt <= GAP_MS && this.#open.size < MOST_SESSIONS) break;
      this.#open.delete(key);
      plays.push(playOf(session));
    }
    return plays;
  }
}

function playOf({ userId, itemId, minutes, occurredAt }: Session): RawRating {
  return { userId, itemId, type: "play", value: null, minutes, occurredAt };
}
