import type { UsherEvent } from "../../events/event.ts";
import { type Profile, profileOf } from "../../events/profile.ts";
import type { LiveProfile, Recent, Recorded } from "./live-profile.ts";

/** The binding that reading and writing live profiles needs. */
export interface ProfileEnv {
  readonly LIVE_PROFILES: DurableObjectNamespace<LiveProfile>;
}

/**
 * Users of one call whose live profiles are written. A call about more is a backend's bulk load,
 * which nobody waits for, and a Worker may make only so many sub-requests.
 */
const MOST_USERS = 50;

/** What the live profiles said to a call's events. */
export interface RecordedCall {
  /** Ids of events that they held already. */
  readonly known: ReadonlySet<string>;
  /** Users who were erased: nothing is kept about them. */
  readonly erased: ReadonlySet<string>;
}

/**
 * Writes a call's events to the live profiles of their users.
 *
 * @returns null when it cannot be said that all of them have it: too many users, or one did not
 *   answer within the deadline. The events are on their way through the queue all the same.
 */
export async function recordRecent(
  env: ProfileEnv,
  events: readonly UsherEvent[],
  receivedAt: number,
  deadlineMs: number,
): Promise<RecordedCall | null> {
  const byUser = Map.groupBy(events, ({ userId }) => userId);
  if (byUser.size > MOST_USERS) return null;
  const known = new Set<string>();
  const erased = new Set<string>();
  const record = async ([userId, own]: [string, UsherEvent[]]) => {
    const stub = env.LIVE_PROFILES.getByName(userId);
    const answer = (await stub.record(own, receivedAt)) as Recorded;
    if (answer.erased) erased.add(userId);
    else for (const id of answer.known) known.add(id);
  };
  const outcome = await within(deadlineMs, Promise.all([...byUser].map(record)));
  if (outcome.ok) return { known, erased };
  console.error(JSON.stringify({ liveProfile: "not written", reason: outcome.reason }));
  return null;
}

/** A user's live profile, or why it could not be had (the rest of a sentence). */
export type LiveProfileAnswer =
  | ({ readonly ok: true } & Profile)
  | { readonly ok: false; readonly reason: string };

/**
 * What a user did since the serving release learned, including the call that `after` stands for.
 *
 * @param after when that call was received, from `decodeCursor`.
 * @param containedBefore epoch ms: what was received earlier is in the release for certain.
 * @param deadlineMs serving goes on without the profile when it takes longer.
 */
export async function liveProfile(
  env: ProfileEnv,
  userId: string,
  after: number,
  { containedBefore, deadlineMs }: { containedBefore: number; deadlineMs: number },
): Promise<LiveProfileAnswer> {
  const stub = env.LIVE_PROFILES.getByName(userId);
  const reading = stub.recent(containedBefore) as unknown as Promise<Recent>;
  const outcome = await within(deadlineMs, reading);
  if (!outcome.ok) return { ok: false, reason: `the live profile ${outcome.reason}` };
  const { events, receivedUpTo } = outcome.value;
  if (after >= containedBefore && receivedUpTo < after) {
    return { ok: false, reason: "the live profile has not seen the call of this cursor" };
  }
  return { ok: true, ...profileOf(events) };
}

type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

async function within<T>(ms: number, work: Promise<T>): Promise<Outcome<T>> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<Outcome<T>>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, reason: `took over ${ms} ms` }), ms);
  });
  const done = work.then(
    (value): Outcome<T> => ({ ok: true, value }),
    (error): Outcome<T> => ({ ok: false, reason: `failed: ${(error as Error).message}` }),
  );
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}
