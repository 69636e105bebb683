/** What an isolate of the API counted, on its way through the queue beside the events. */
import * as v from "valibot";

/** Most counts of one flush: a few releases and a few routes make some dozens. */
const MOST_COUNTS = 1_000;

/** `key=value` pairs joined by commas, or nothing; a value holds neither comma nor equals sign. */
const LABELS = /^(?:[a-z]+=[^,=]+(?:,[a-z]+=[^,=]+)*)?$/;
const NAME = /^[a-z][a-z_]*$/;

const trafficCount = v.strictObject({
  name: v.pipe(v.string(), v.maxLength(40), v.regex(NAME, "is no name of a count")),
  /** In ascending order of their keys, so that the same labels are the same text. */
  labels: v.pipe(v.string(), v.maxLength(400), v.regex(LABELS, "are no labels")),
  count: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  /** Of what was measured, in its own unit; the count itself where there is nothing but a number. */
  sum: v.pipe(v.number(), v.finite()),
  min: v.pipe(v.number(), v.finite()),
  max: v.pipe(v.number(), v.finite()),
});

/** A message of kind `traffic`; whatever has no kind is a message of events. */
export const trafficMessage = v.strictObject({
  v: v.literal(1, "is another version of the message than 1"),
  kind: v.literal("traffic"),
  /** Makes a message that is delivered twice count once. */
  flushId: v.pipe(v.string(), v.uuid("is no UUID")),
  /** When the isolate sent it, in epoch ms: what it counted goes to this hour. */
  flushedAt: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(8.64e15)),
  counts: v.pipe(v.array(trafficCount), v.maxLength(MOST_COUNTS)),
});

/** One thing counted: `answers` with `release=R,source=list`, say. */
export type TrafficCount = Readonly<v.InferOutput<typeof trafficCount>>;

export interface TrafficMessage {
  readonly v: 1;
  readonly kind: "traffic";
  readonly flushId: string;
  readonly flushedAt: number;
  readonly counts: readonly TrafficCount[];
}

/** Labels as one text: `key=value` pairs in ascending order of keys, joined by commas. */
export function labelled(labels: Readonly<Record<string, string>>): string {
  return Object.keys(labels)
    .sort()
    .map((key) => `${key}=${labels[key]!.replace(/[,=]/g, "_")}`)
    .join(",");
}

/** The same read back. */
export function labelsOf(text: string): Record<string, string> {
  if (text === "") return {};
  return Object.fromEntries(
    text
      .split(",")
      .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
}
