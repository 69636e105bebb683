import type { UsherEvent } from "../../events/event.ts";
import type { WaitUntil } from "./deadline.ts";
import { edgeStore } from "./edge-store.ts";
import type { ApiEnv } from "./environment.ts";
import type { EventVerdict } from "./event-verdicts.ts";
import { trafficOf } from "./telemetry.ts";

/** An event that happened longer ago is history sent along, not what people do with an answer, ms. */
const RESPONSE_MS = 3_600_000;

/** What an event says of the release that serves its user, by type. */
const RESPONSES: Partial<Record<UsherEvent["type"], string>> = { click: "clicks", rate: "ratings" };

/**
 * Counts a call's events by their verdicts; and accepted clicks and ratings that have just happened by
 * the release that serves their user, whether or not an answer brought them about.
 *
 * @param now epoch ms.
 */
export async function countEvents(
  env: ApiEnv,
  events: readonly UsherEvent[],
  verdicts: readonly EventVerdict[],
  now: number,
  waitUntil: WaitUntil,
): Promise<void> {
  const traffic = trafficOf(env);
  const accepted = new Set<string>();
  for (const verdict of verdicts) {
    traffic.add("events", { verdict: verdict.status });
    if (verdict.status === "accepted") accepted.add(verdict.eventId);
  }
  const responses = events.filter(
    ({ type, eventId, occurredAt }) =>
      RESPONSES[type] !== undefined && accepted.has(eventId) && now - occurredAt < RESPONSE_MS,
  );
  if (responses.length === 0) return;
  const store = edgeStore(env);
  // An isolate that has answered nobody yet does not hold the pointer; without one nobody is served.
  const pointer = await Promise.resolve(store.pointer(waitUntil)).catch(() => null);
  if (pointer === null) return;
  for (const { type, userId } of responses) {
    const release = store.heldArm(userId, waitUntil);
    if (release !== null) traffic.add(RESPONSES[type]!, { release });
  }
}
