/** Who has seen which arm of an experiment, and what they were shown, on its way through the queue. */
import * as v from "valibot";
import { hashId } from "../release/hash.ts";
import { QUEUE_MESSAGE_BYTES } from "../release/limits.ts";
import { identifierFault, utf8Length } from "./identifier.ts";

/** Largest message we write, in bytes of JSON: room is left for what the platform adds. */
const MAX_MESSAGE_BYTES = QUEUE_MESSAGE_BYTES - 28_000;
const HOUR_MS = 3_600_000;
/** Longest list of an answer. */
const MOST_ITEMS = 100;

const identifier = v.pipe(
  v.string(),
  v.check((id) => identifierFault(id) === null, "is no id of 1..128 bytes"),
);
const slug = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/, "is no slug"));
const instant = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(8.64e15));

const shownList = v.strictObject({
  /** The same for the same list to the same user within an hour. */
  id: v.pipe(v.string(), v.maxLength(80)),
  release: v.pipe(v.string(), v.maxLength(200)),
  /** Epoch ms. */
  servedAt: instant,
  /** Best first. */
  items: v.pipe(v.array(identifier), v.maxLength(MOST_ITEMS)),
  /** Of an interleaved list: for each item the arm that it stands for, 0 the control. */
  teams: v.nullable(v.array(v.picklist([0, 1]))),
});

const exposure = v.strictObject({
  experimentId: slug,
  userId: identifier,
  /** The arm's name; `interleaved` where everybody sees both. */
  arm: slug,
  /** Epoch ms of the first and the last answer. */
  firstAt: instant,
  lastAt: instant,
  /** 0 for further lists of what was counted already. */
  answers: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  lists: v.array(shownList),
});

/** A message of kind `exposures`: what one isolate showed to users in experiments. */
export const exposuresMessage = v.strictObject({
  v: v.literal(1, "is another version of the message than 1"),
  kind: v.literal("exposures"),
  /** Makes answers of a message that is delivered twice count once. */
  flushId: v.pipe(v.string(), v.uuid("is no UUID")),
  exposures: v.array(exposure),
});

export type ShownList = Readonly<v.InferOutput<typeof shownList>>;
export type UserExposure = Readonly<v.InferOutput<typeof exposure>>;
export type ExposuresMessage = Readonly<v.InferOutput<typeof exposuresMessage>>;

/** Names a list of an experiment: a user who is shown it again within the hour is shown the same. */
export function listId(
  experimentId: string,
  userId: string,
  { servedAt, items, teams }: Omit<ShownList, "id">,
): string {
  const hour = Math.floor(servedAt / HOUR_MS);
  const content = JSON.stringify([userId, hour, items, teams]);
  const { hi, lo } = hashId(content, 0);
  const other = hashId(content, 1);
  return [experimentId, ...[hi, lo, other.hi, other.lo].map(hex)].join("-");
}

/** Packs exposures into as few messages as fit, in order; one alone always fits. */
export function packExposures(
  exposures: readonly UserExposure[],
  flushId: () => string,
  maxBytes = MAX_MESSAGE_BYTES,
): ExposuresMessage[] {
  const messages: ExposuresMessage[] = [];
  let packed: UserExposure[] = [];
  let bytes = 0;
  const close = () => {
    if (packed.length === 0) return;
    messages.push({ v: 1, kind: "exposures", flushId: flushId(), exposures: packed });
    packed = [];
    bytes = 0;
  };
  for (const one of exposures.flatMap((whole) => split(whole, maxBytes))) {
    const size = sizeOf(one);
    if (bytes + size > maxBytes) close();
    packed.push(one);
    bytes += size;
  }
  close();
  return messages;
}

/** Somebody who was shown more lists than one message takes. */
function split(whole: UserExposure, maxBytes: number): UserExposure[] {
  if (whole.lists.length < 2 || sizeOf(whole) <= maxBytes) return [whole];
  const middle = whole.lists.length >> 1;
  const parts = [
    { ...whole, lists: whole.lists.slice(0, middle) },
    { ...whole, answers: 0, lists: whole.lists.slice(middle) },
  ];
  return parts.flatMap((part) => split(part, maxBytes));
}

function sizeOf(one: UserExposure): number {
  return utf8Length(JSON.stringify(one)) + 1;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
