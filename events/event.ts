import * as v from "valibot";
import { deriveEventId } from "./event-id.ts";
import { identifierFault } from "./identifier.ts";
import { readInstant } from "./instant.ts";

/**
 * What can happen between a user and an item: an explicit rating, one of three implicit signs, or a
 * removal, which takes away whatever happened between the two up to its moment.
 */
export const EVENT_TYPES = ["rate", "play", "click", "view", "remove"] as const;

/** The scale of ratings; other scales are converted before they come here. */
export const LOWEST_RATING = 0.5;
export const HIGHEST_RATING = 5;
const MOST_MINUTES = 100_000;
const UNKNOWN_FIELD = "is not a field of an event; see /openapi.json for those there are";

const identifier = v.pipe(
  v.string((issue) => `${show(issue.input)} is not a string of 1..128 bytes`),
  v.check(
    (id) => identifierFault(id) === null,
    (issue) => `${show(issue.input)} ${identifierFault(issue.input)}; expected 1..128 bytes`,
  ),
);

const eventType = v.picklist(
  EVENT_TYPES,
  (issue) => `${show(issue.input)} is none of ${EVENT_TYPES.join(", ")}`,
);

const value = within(LOWEST_RATING, HIGHEST_RATING);
const minutes = within(0, MOST_MINUTES);
const share = within(0, 1);

/** An event as a client sends it; `null` counts as left out. */
export const incomingEvent = v.strictObject(
  {
    eventId: v.nullish(identifier),
    userId: identifier,
    itemId: identifier,
    type: eventType,
    value: v.nullish(value, null),
    minutes: v.nullish(minutes, null),
    share: v.nullish(share, null),
    occurredAt: v.optional(v.unknown()),
    requestId: v.nullish(identifier, null),
  },
  objectFault,
);

/** Schema of {@link UsherEvent}, with the rules across fields. */
export const usherEvent = v.pipe(
  v.strictObject(
    {
      eventId: identifier,
      userId: identifier,
      itemId: identifier,
      type: eventType,
      value: v.nullable(value),
      minutes: v.nullable(minutes),
      share: v.nullable(share),
      occurredAt: within(0, 8.64e15),
      requestId: v.nullable(identifier),
    },
    objectFault,
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    const fault = dataset.typed ? acrossFieldsFault(dataset.value) : null;
    if (fault !== null) addIssue({ message: fault });
  }),
);

/**
 * One thing that happened between a user and an item.
 *
 * `value` is a rating 0.5..5 of a `rate`, null otherwise; `minutes` (watched) and `share` (0..1 of
 * the whole) belong to a `play`; `occurredAt` is epoch milliseconds; `requestId` names the answer
 * that showed the item.
 */
export type UsherEvent = v.InferOutput<typeof usherEvent>;

export type EventVerdict =
  | { readonly ok: true; readonly event: UsherEvent }
  | { readonly ok: false; readonly reason: string };

/**
 * Checks one event of a client and completes it.
 *
 * Without `occurredAt` it happened `now`; without `eventId` it gets one derived from its content, so
 * sending it again is harmless when at least one of the two was given. A clock that is ahead by up to
 * 24 hours is put back to `now`, so that it does not win over what comes after; further ahead is
 * refused. A reason names the field and what was expected of it ("value: 11 is outside 0.5..5").
 *
 * @param now epoch milliseconds.
 */
export function validateEvent(input: unknown, now: number): EventVerdict {
  const parsed = v.safeParse(incomingEvent, input, { abortEarly: true });
  if (!parsed.success) return { ok: false, reason: reasonOf(parsed.issues[0]) };
  // The schema looks fields up in an object of its own and so takes this one for known.
  if (Object.hasOwn(input as object, "__proto__")) {
    return { ok: false, reason: `__proto__: ${UNKNOWN_FIELD}` };
  }
  const { eventId, occurredAt, ...content } = parsed.output;
  const fault = acrossFieldsFault(content);
  if (fault !== null) return { ok: false, reason: fault };
  const instant = readInstant(occurredAt ?? now, now);
  if (!instant.ok) return { ok: false, reason: `occurredAt: ${show(occurredAt)} ${instant.fault}` };
  const event = { ...content, occurredAt: instant.ms };
  // The id keeps the time as sent: the same call again must give the same one.
  const id = eventId ?? deriveEventId(event);
  return { ok: true, event: { eventId: id, ...event, occurredAt: Math.min(instant.ms, now) } };
}

/** The sentence of a schema's issue, with the path of the field in front. */
export function reasonOf(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  return path === null ? issue.message : `${path}: ${issue.message}`;
}

function acrossFieldsFault(event: Pick<UsherEvent, "type" | "value" | "minutes" | "share">) {
  if (event.type === "rate" && event.value === null) {
    return `value: is missing; a rate event needs a number ${LOWEST_RATING}..${HIGHEST_RATING}`;
  }
  if (event.type !== "rate" && event.value !== null) {
    return `value: belongs to rate events only; this one is a ${event.type}`;
  }
  if (event.type === "play") return null;
  if (event.minutes === null && event.share === null) return null;
  const field = event.minutes === null ? "share" : "minutes";
  return `${field}: belongs to play events only; this one is a ${event.type}`;
}

function within(low: number, high: number) {
  const message = (issue: { input: unknown }) =>
    typeof issue.input === "number" && !Number.isNaN(issue.input)
      ? `${issue.input} is outside ${low}..${high}`
      : `${show(issue.input)} is not a number ${low}..${high}`;
  return v.pipe(
    v.number(message),
    v.minValue(low, message),
    v.maxValue(high, message),
    // -0 would be told from 0 by whoever compares texts; less than 1e-30 has no place in a `real`.
    v.transform((number) => (number < 1e-30 ? 0 : number)),
  );
}

function objectFault(issue: v.StrictObjectIssue): string {
  if (issue.expected === "Object") return `${show(issue.input)} is not a JSON object`;
  if (issue.expected !== "never") return "is missing";
  return UNKNOWN_FIELD;
}

/** A value as the reader sent it, shortened. */
function show(input: unknown): string {
  if (input === undefined) return "nothing";
  const text = JSON.stringify(input) ?? String(input);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
