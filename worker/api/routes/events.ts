import type { Context } from "hono";
import { type UsherEvent, validateEvent } from "../../../events/event.ts";
import { type EventMessage, packMessages } from "../../../events/message.ts";
import { QUEUE_SEND_BATCH_BYTES, QUEUE_SEND_BATCH_MESSAGES } from "../../../release/limits.ts";
import type { ApiContext } from "../environment.ts";
import { Problem } from "../problem.ts";

/** What became of one event of a call, by its position in it. */
type EventVerdict =
  | { readonly index: number; readonly status: "accepted"; readonly eventId: string }
  | { readonly index: number; readonly status: "rejected"; readonly reason: string };

const MOST_EVENTS = 1_000;
const MOST_BYTES = 1_000_000;

/**
 * `POST /v1/events`: one event, or up to 1,000 in an array (bare, or as `events`).
 *
 * `202` with a verdict for each: a bad event is named with its reason and the others go on. When not
 * one is good the call is refused as a whole (422), so that a client who only looks at the status
 * learns of it. What is accepted is in the queue before the answer leaves.
 */
export async function postEvents(c: Context<ApiContext>) {
  const inputs = eventsOf(parseBody(await readBody(c)));
  const now = Date.now();
  const accepted: UsherEvent[] = [];
  const verdicts = inputs.map((input, index): EventVerdict => {
    const checked = validateEvent(input, now);
    if (!checked.ok) return { index, status: "rejected", reason: checked.reason };
    accepted.push(checked.event);
    return { index, status: "accepted", eventId: checked.event.eventId };
  });
  const rejected = verdicts.length - accepted.length;
  if (accepted.length === 0) {
    const first = verdicts.find((verdict) => verdict.status === "rejected");
    const message = `None of the ${verdicts.length} events was accepted. The first: ${first?.reason ?? "no events"}`;
    throw new Problem(422, "NO_EVENT_ACCEPTED", message, {
      details: { accepted: 0, rejected, verdicts },
    });
  }
  await enqueue(c.env.EVENTS, packMessages(accepted, { source: "api", receivedAt: now }));
  return c.json({ accepted: accepted.length, rejected, verdicts }, 202, {
    "cache-control": "no-store",
  });
}

async function readBody(c: Context<ApiContext>): Promise<string> {
  const announced = Number(c.req.header("content-length") ?? 0);
  if (announced > MOST_BYTES) throw tooLarge(announced);
  const body = await c.req.arrayBuffer();
  if (body.byteLength > MOST_BYTES) throw tooLarge(body.byteLength);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body);
  } catch {
    throw new Problem(400, "NOT_UTF8", "The body is not UTF-8.");
  }
}

function tooLarge(bytes: number): Problem {
  return new Problem(
    413,
    "BODY_TOO_LARGE",
    `The body has ${bytes} bytes; a call takes up to ${MOST_BYTES}. Send the events in several calls.`,
  );
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem(400, "MALFORMED_JSON", `The body is not JSON: ${(error as Error).message}`);
  }
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

async function enqueue(queue: Queue, messages: readonly EventMessage[]): Promise<void> {
  try {
    for (const batch of sendBatches(messages)) {
      await queue.sendBatch(batch.map((body) => ({ body })));
    }
  } catch (error) {
    console.error(JSON.stringify({ queue: "send failed", error: (error as Error).message }));
    throw new Problem(
      503,
      "QUEUE_UNAVAILABLE",
      "The events could not be queued just now. Send the same call again, with the same eventIds: nothing is counted twice.",
      { headers: { "retry-after": "5" } },
    );
  }
}

/** Messages in batches that one send takes, by number and by bytes. */
function* sendBatches(messages: readonly EventMessage[]): Generator<EventMessage[]> {
  let batch: EventMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = JSON.stringify(message).length * 2;
    const full = batch.length >= QUEUE_SEND_BATCH_MESSAGES || bytes + size > QUEUE_SEND_BATCH_BYTES;
    if (batch.length > 0 && full) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
