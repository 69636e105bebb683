import * as v from "valibot";
import { Problem } from "./problem.ts";

const MOST_ITEMS = 100;
const MOST_NAMES = 50;
const MOST_EXCLUDED = 1_000;

const names = v.pipe(
  v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(200))),
  v.maxLength(MOST_NAMES),
);
const ids = v.pipe(
  v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(128))),
  v.maxLength(MOST_EXCLUDED),
);
const whole = (least: number, most: number) => {
  const told = `it takes a whole number of ${least} to ${most}`;
  const number = v.pipe(v.number(told), v.integer(told));
  return v.pipe(number, v.minValue(least, told), v.maxValue(most, told));
};
const share = "it takes a number of 0 to 1";
const described = <Schema extends v.GenericSchema>(schema: Schema, text: string) =>
  v.pipe(schema, v.description(text));

/** Which items may be shown. */
const filterEntries = {
  category: described(v.optional(names, []), "Only items with any of these categories."),
  categoryAll: described(v.optional(names, []), "Only items with all of these categories."),
  categoryNone: described(v.optional(names, []), "No item with any of these categories."),
  exclude: described(v.optional(ids, []), "Item ids not to show."),
  minPopularity: described(
    v.optional(whole(0, 2 ** 32 - 1), 0),
    "Only items that this many users interacted with.",
  ),
  yearFrom: described(v.optional(whole(1, 9_999)), "Only items of this year or later."),
  yearTo: described(v.optional(whole(1, 9_999)), "Only items of this year or earlier."),
};

const limitEntry = described(v.optional(whole(1, MOST_ITEMS), 20), "Items wanted.");

/** What a list of items may be asked for. */
export const wishEntries = {
  limit: limitEntry,
  ...filterEntries,
  diversity: described(
    v.optional(v.pipe(v.number(share), v.minValue(0, share), v.maxValue(1, share)), 0),
    "0 ranks by score alone, 1 by how much items differ from those before them.",
  ),
  explain: described(
    v.optional(v.boolean("it takes true or false"), false),
    "Whether each item says which of the user's own items brought it.",
  ),
  cursor: described(v.optional(v.pipe(v.string(), v.maxLength(400))), "`next` of the page before."),
};

export const wishSchema = v.strictObject(wishEntries);
/** The same for a user, whose recent events may have to be seen. */
export const userWishSchema = v.strictObject({
  ...wishEntries,
  after: described(
    v.optional(v.pipe(v.string(), v.maxLength(40))),
    "`cursor` of POST /v1/events: the answer sees that call.",
  ),
});
export const listSchema = v.strictObject({ limit: limitEntry, ...filterEntries });

const filterSchema = v.object(filterEntries);
/** Which items may be shown, with defaults filled in. */
export type Filter = v.InferOutput<typeof filterSchema>;
/** What a list of items is asked for, with defaults filled in. */
export type Wish = v.InferOutput<typeof wishSchema>;

type Parameters = Readonly<Record<string, string[]>>;
type Entries = v.ObjectEntries;

/**
 * Reads query parameters by the schema that describes the same as JSON.
 *
 * A list may be written as one value with commas or by repeating its name; a comma inside a value
 * is `%2C` after decoding, as `GET /recommend` writes it.
 *
 * @throws Problem 400 naming the parameter and what it takes, or those that there are.
 */
export function readParameters<Schema extends v.StrictObjectSchema<Entries, undefined>>(
  schema: Schema,
  given: Parameters,
): v.InferOutput<Schema> {
  const values: Record<string, unknown> = {};
  for (const [name, texts] of Object.entries(given)) {
    const entry = Object.hasOwn(schema.entries, name) ? schema.entries[name] : undefined;
    if (entry === undefined) throw unknownParameter(name, Object.keys(schema.entries));
    values[name] = jsonOf(v.getDefault(entry as v.GenericSchema), name, texts);
  }
  return checked(schema, values);
}

/** Checks a value against a schema. @throws Problem 400 naming the member that is not as it should be. */
export function checked<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const name = v.getDotPath(issue) ?? "the body";
  throw new Problem(400, "BAD_PARAMETER", `${name}: ${issue.message}.`);
}

/** A query parameter as the JSON that its default shows it to be. */
function jsonOf(example: unknown, name: string, texts: readonly string[]): unknown {
  if (Array.isArray(example)) {
    return texts
      .flatMap((text) => text.split(","))
      .filter((text) => text !== "")
      .map((text) => text.replaceAll("%2C", ","));
  }
  if (texts.length > 1) throw new Problem(400, "BAD_PARAMETER", `${name}: it takes one value.`);
  const text = texts[0]!;
  if (typeof example === "boolean") return text === "true" || (text === "false" ? false : text);
  if (name === "cursor" || name === "search" || name === "after") return text;
  // Number("") is 0, which nobody meant.
  return text.trim() === "" ? text : Number(text);
}

function unknownParameter(name: string, known: readonly string[]): Problem {
  const message = `There is no parameter "${name.slice(0, 40)}" here. There is ${known.join(", ")}.`;
  return new Problem(400, "UNKNOWN_PARAMETER", message);
}
