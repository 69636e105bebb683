import type { Context } from "hono";
import { encodeCursor } from "../../../events/cursor.ts";
import { activeRelease } from "../active-release.ts";
import { readJson } from "../body.ts";
import { countEvents } from "../count-events.ts";
import { edgeStore } from "../edge-store.ts";
import type { ApiContext } from "../environment.ts";
import { enqueue } from "../event-queue.ts";
import { amend, type EventVerdict, judge } from "../event-verdicts.ts";
import { requireScope } from "../keys.ts";
import { Problem } from "../problem.ts";
import { limitRate } from "../rate-limit.ts";
import { recordRecent } from "../recent-events.ts";

const MOST_EVENTS = 1_000;
const MOST_BYTES = 1_000_000;
/** A live profile that takes longer must not hold up the answer: the events are in the queue. */
const PROFILE_DEADLINE_MS = 1_000;

/**
 * `POST /v1/events`: one event, or up to 1,000 in an array (bare, or as `events`).
 *
 * `202` with a verdict for each: a bad event is named with its reason and the others go on. When not
 * one is good the call is refused as a whole (422), so that a client who only looks at the status
 * learns of it. What is accepted is in the queue before the answer leaves. With `cursor` as `after`,
 * the user's next GET sees it; it is null where that cannot be promised.
 */
export async function postEvents(c: Context<ApiContext>) {
  const keyName = await requireScope(c, "events");
  await limitRate(c, keyName);
  const inputs = eventsOf(await readJson(c.req.raw, MOST_BYTES));
  const now = Date.now();
  const judged = judge(inputs, now, await itemCheck(c));
  if (judged.events.length === 0) throw noneAccepted(judged.verdicts);
  const [, recorded] = await Promise.all([
    enqueue(c.env.EVENTS, judged.events, { receivedAt: now, requestId: c.var.requestId }),
    recordRecent(c.env, judged.events, now, PROFILE_DEADLINE_MS),
  ]);
  const verdicts = recorded === null ? judged.verdicts : amend(judged, recorded);
  const waitUntil = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
  waitUntil(countEvents(c.env, judged.events, verdicts, now, waitUntil));
  const counts = {
    accepted: count(verdicts, "accepted"),
    duplicates: count(verdicts, "duplicate"),
    rejected: count(verdicts, "rejected"),
  };
  c.set("events", { ...counts, eventIds: judged.events.map(({ eventId }) => eventId) });
  const answer = {
    requestId: c.var.requestId,
    ...counts,
    verdicts,
    cursor:
      recorded === null
        ? null
        : encodeCursor(
            now,
            judged.events.map(({ eventId }) => eventId),
          ),
  };
  return c.json(answer, 202, { "cache-control": "no-store" });
}

/** Whether an item may have events; where unknown ones are refused, the serving catalogue tells. */
async function itemCheck(c: Context<ApiContext>): Promise<(itemId: string) => boolean> {
  if (c.env.UNKNOWN_ITEMS !== "refuse") return () => true;
  const waitUntil = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
  const { catalogue } = await activeRelease(edgeStore(c.env), "", waitUntil);
  return (itemId) => catalogue.indexOf(itemId) >= 0;
}

function eventsOf(body: unknown): readonly unknown[] {
  const events = Array.isArray(body) ? body : wrapped(body);
  if (events.length === 0) {
    throw new Problem(400, "NO_EVENTS", "The call holds no events; send 1 to 1,000 of them.");
  }
  if (events.length <= MOST_EVENTS) return events;
  throw new Problem(
    413,
    "TOO_MANY_EVENTS",
    `The call holds ${events.length} events; it takes up to ${MOST_EVENTS}. None was accepted: send them in ${Math.ceil(events.length / MOST_EVENTS)} calls.`,
  );
}

function wrapped(body: unknown): readonly unknown[] {
  if (typeof body !== "object" || body === null) {
    throw new Problem(400, "NOT_AN_EVENT", "The body is neither an event nor an array of events.");
  }
  const events = (body as { events?: unknown }).events;
  return Array.isArray(events) ? events : [body];
}

function noneAccepted(verdicts: readonly EventVerdict[]): Problem {
  const first = verdicts.find((verdict) => verdict.status === "rejected");
  return new Problem(
    422,
    "NO_EVENT_ACCEPTED",
    `None of the ${verdicts.length} events was accepted. The first: ${first?.reason ?? "no events"}`,
    { details: { accepted: 0, duplicates: 0, rejected: verdicts.length, verdicts } },
  );
}

function count(verdicts: readonly EventVerdict[], status: EventVerdict["status"]): number {
  return verdicts.filter((verdict) => verdict.status === status).length;
}
