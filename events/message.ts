import * as v from "valibot";
import { QUEUE_MESSAGE_BYTES } from "../release/limits.ts";
import { reasonOf, type UsherEvent, usherEvent } from "./event.ts";
import { type ExposuresMessage, exposuresMessage } from "./exposures.ts";
import { identifierFault, utf8Length } from "./identifier.ts";
import { type TrafficMessage, trafficMessage } from "./traffic.ts";

/** Largest queue message we write, in bytes of JSON: room is left for what the platform adds. */
const MAX_MESSAGE_BYTES = QUEUE_MESSAGE_BYTES - 28_000;

/** The envelope alone: what is wrong with one event must not hold up the others. */
const envelope = v.strictObject({
  v: v.literal(1, "is another version of the message than 1"),
  source: v.pipe(
    v.string(),
    v.check((source) => identifierFault(source) === null, "is not 1..128 bytes"),
  ),
  receivedAt: v.number(),
  requestId: v.optional(v.pipe(v.string(), v.maxLength(64))),
  events: v.array(v.unknown()),
});

/**
 * Events on their way through the queue: `v` is the form's version, `receivedAt` epoch ms, `requestId`
 * the call that brought them.
 */
export interface EventMessage {
  readonly v: 1;
  readonly source: string;
  readonly receivedAt: number;
  readonly requestId?: string;
  readonly events: readonly UsherEvent[];
}

/** An event of a message that cannot be stored, as it came. `position` counts from 1. */
export interface PoisonEvent {
  readonly position: number;
  readonly raw: string;
  readonly reason: string;
}

export type MessageVerdict =
  | {
      readonly ok: true;
      readonly kind: "events";
      readonly source: string;
      readonly receivedAt: number;
      readonly requestId?: string | undefined;
      readonly events: readonly UsherEvent[];
      readonly poison: readonly PoisonEvent[];
    }
  | { readonly ok: true; readonly kind: "traffic"; readonly traffic: TrafficMessage }
  | { readonly ok: true; readonly kind: "exposures"; readonly exposures: ExposuresMessage }
  | { readonly ok: false; readonly reason: string };

/**
 * Packs events into as few messages as fit `maxBytes` of JSON each, in order.
 *
 * An event that is larger than `maxBytes` alone travels alone (an event has at most about 2 KB).
 */
export function packMessages(
  events: readonly UsherEvent[],
  meta: Pick<EventMessage, "source" | "receivedAt" | "requestId">,
  maxBytes = MAX_MESSAGE_BYTES,
): EventMessage[] {
  const empty = utf8Length(JSON.stringify({ v: 1, ...meta, events: [] }));
  const messages: EventMessage[] = [];
  let packed: UsherEvent[] = [];
  let bytes = empty;
  for (const event of events) {
    const eventBytes = utf8Length(JSON.stringify(event)) + 1;
    if (packed.length > 0 && bytes + eventBytes > maxBytes) {
      messages.push({ v: 1, ...meta, events: packed });
      packed = [];
      bytes = empty;
    }
    packed.push(event);
    bytes += eventBytes;
  }
  if (packed.length > 0) messages.push({ v: 1, ...meta, events: packed });
  return messages;
}

/**
 * Reads a message from the queue. Every event is checked again, one by one: whatever wrote it,
 * nothing enters the database that its constraints would refuse, and nothing good waits for it.
 */
export function parseMessage(body: unknown): MessageVerdict {
  const kind = kindOf(body);
  if (kind === "traffic") return parseTraffic(body);
  return kind === "exposures" ? parseExposures(body) : parseEvents(body);
}

function kindOf(body: unknown): unknown {
  return typeof body === "object" && body !== null && "kind" in body ? body.kind : undefined;
}

function parseTraffic(body: unknown): MessageVerdict {
  const parsed = v.safeParse(trafficMessage, body, { abortEarly: true });
  if (!parsed.success) return { ok: false, reason: reasonOf(parsed.issues[0]) };
  return { ok: true, kind: "traffic", traffic: parsed.output };
}

function parseExposures(body: unknown): MessageVerdict {
  const parsed = v.safeParse(exposuresMessage, body, { abortEarly: true });
  if (!parsed.success) return { ok: false, reason: reasonOf(parsed.issues[0]) };
  return { ok: true, kind: "exposures", exposures: parsed.output };
}

function parseEvents(body: unknown): MessageVerdict {
  const parsed = v.safeParse(envelope, body, { abortEarly: true });
  if (!parsed.success) return { ok: false, reason: reasonOf(parsed.issues[0]) };
  const events: UsherEvent[] = [];
  const poison: PoisonEvent[] = [];
  parsed.output.events.forEach((candidate, index) => {
    const checked = v.safeParse(usherEvent, candidate, { abortEarly: true });
    if (checked.success) events.push(checked.output);
    else
      poison.push({
        position: index + 1,
        raw: text(candidate),
        reason: reasonOf(checked.issues[0]),
      });
  });
  const { source, receivedAt, requestId } = parsed.output;
  return { ok: true, kind: "events", source, receivedAt, requestId, events, poison };
}

/** Messages taken apart: what can be stored, what cannot, and what nobody can read. */
export interface SortedMessages {
  readonly events: (UsherEvent & { readonly source: string })[];
  /** Poison events, for quarantine: `source` names the message, `line` the place in it. */
  readonly quarantined: { source: string; line: number; raw: string; reason: string }[];
  /** Whole messages in another form than ours, for the dead letters. `body` is JSON. */
  readonly unreadable: { messageId: string; body: string; reason: string }[];
  /** Messages of events: the call each came from, and when the API took it in, epoch ms. */
  readonly calls: { messageId: string; requestId: string | undefined; receivedAt: number }[];
  /** What isolates of the API counted. */
  readonly traffic: TrafficMessage[];
  /** What isolates of the API showed to users in experiments. */
  readonly exposures: ExposuresMessage[];
}

/** Takes messages apart, in order. */
export function sortMessages(
  messages: Iterable<{ readonly id: string; readonly body: unknown }>,
): SortedMessages {
  const sorted: SortedMessages = {
    ...{ events: [], quarantined: [], unreadable: [], calls: [], traffic: [], exposures: [] },
  };
  for (const { id, body } of messages) {
    const parsed = parseMessage(body);
    if (!parsed.ok) {
      sorted.unreadable.push({ messageId: id, body: text(body), reason: parsed.reason });
      continue;
    }
    if (parsed.kind === "traffic") {
      sorted.traffic.push(parsed.traffic);
      continue;
    }
    if (parsed.kind === "exposures") {
      sorted.exposures.push(parsed.exposures);
      continue;
    }
    const { requestId, receivedAt } = parsed;
    sorted.calls.push({ messageId: id, requestId, receivedAt });
    for (const event of parsed.events) sorted.events.push({ ...event, source: parsed.source });
    for (const { position, raw, reason } of parsed.poison) {
      sorted.quarantined.push({ source: `queue:${id}`, line: position, raw, reason });
    }
  }
  return sorted;
}

function text(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
