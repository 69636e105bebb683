import * as v from "valibot";
import { reasonOf, type UsherEvent, usherEvent } from "./event.ts";
import { identifierFault, utf8Length } from "./identifier.ts";

/** Largest queue message we write, in bytes of JSON: below the platform's 128 KB with its metadata. */
const MAX_MESSAGE_BYTES = 100_000;

const eventMessage = v.strictObject({
  v: v.literal(1, "is another version of the message than 1"),
  source: v.pipe(
    v.string(),
    v.check((source) => identifierFault(source) === null, "is not 1..128 bytes"),
  ),
  receivedAt: v.number(),
  events: v.array(usherEvent),
});

/** Events on their way through the queue: `v` is the form's version, `receivedAt` epoch ms. */
export type EventMessage = v.InferOutput<typeof eventMessage>;

export type MessageVerdict =
  | { readonly ok: true; readonly message: EventMessage }
  | { readonly ok: false; readonly reason: string };

/**
 * Packs events into as few messages as fit `maxBytes` of JSON each, in order.
 *
 * An event that is larger than `maxBytes` alone travels alone (an event has at most about 2 KB).
 */
export function packMessages(
  events: readonly UsherEvent[],
  meta: { readonly source: string; readonly receivedAt: number },
  maxBytes = MAX_MESSAGE_BYTES,
): EventMessage[] {
  const empty = (): EventMessage => ({ v: 1, ...meta, events: [] });
  const emptyBytes = utf8Length(JSON.stringify(empty()));
  const messages: EventMessage[] = [];
  let message = empty();
  let bytes = emptyBytes;
  for (const event of events) {
    const eventBytes = utf8Length(JSON.stringify(event)) + 1;
    if (message.events.length > 0 && bytes + eventBytes > maxBytes) {
      messages.push(message);
      message = empty();
      bytes = emptyBytes;
    }
    message.events.push(event);
    bytes += eventBytes;
  }
  if (message.events.length > 0) messages.push(message);
  return messages;
}

/**
 * Reads a message from the queue. Every event is checked again: whatever wrote it, nothing enters
 * the database that its constraints would refuse, which would hold up the whole batch for ever.
 */
export function parseMessage(body: unknown): MessageVerdict {
  const parsed = v.safeParse(eventMessage, body, { abortEarly: true });
  if (parsed.success) return { ok: true, message: parsed.output };
  return { ok: false, reason: reasonOf(parsed.issues[0]) };
}
