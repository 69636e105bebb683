import { HIGHEST_RATING, LOWEST_RATING, type UsherEvent } from "../event.ts";
import { deriveEventId, deriveShownId } from "../event-id.ts";
import { identifierFault } from "../identifier.ts";
import { MAX_AHEAD_MS } from "../instant.ts";

/** One rating row of a file. `value` is null where the format knows only that it happened. */
export interface RawRating {
  /** Left out, it is a `rate`, or a `view` where it has no value. */
  readonly type?: UsherEvent["type"];
  /** Left out, it is derived from the content. */
  readonly eventId?: string;
  readonly userId: string;
  readonly itemId: string;
  /** 0.5..5 */
  readonly value: number | null;
  /** Epoch milliseconds; null where the format keeps no times. */
  readonly occurredAt: number | null;
  /** Of a `play`: minutes watched, and share 0..1 of the whole. */
  readonly minutes?: number | null;
  readonly share?: number | null;
}

/** One user row of a file. */
export interface RawUser {
  readonly userId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** One item row of a file. */
export interface RawItem {
  readonly itemId: string;
  readonly title: string;
  readonly categories: readonly string[];
  readonly year: number | null;
  /** Whatever else is known of it. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A list that a line says was shown to somebody: what they did not choose is known by it. */
export interface ShownList {
  readonly userId: string;
  /** Epoch ms. */
  readonly servedAt: number;
  /** Best first. */
  readonly items: readonly string[];
}

/**
 * What a line was. `partly` says what of a good line had to be left out. Reasons do not repeat the
 * values (the raw line is kept beside them), so that equal faults count together.
 */
export type ParsedLine =
  | {
      readonly ok: true;
      readonly ratings?: readonly RawRating[];
      readonly item?: RawItem;
      readonly user?: RawUser;
      readonly shown?: ShownList;
      readonly partly?: string;
    }
  | { readonly ok: false; readonly reason: string };

/** One file of a format, and how its lines are read. */
export interface SourceFile {
  readonly file: string;
  readonly kind: "ratings" | "items" | "users" | "ids";
  readonly encoding: "utf8" | "latin1";
  readonly required: boolean;
  /** What a line looks like, for messages: `userId,movieId,rating,timestamp`. */
  readonly layout: string;
  /** Reads the first line where it is a header; gives what is wrong with it, or null. */
  readonly readHeader?: (line: string) => string | null;
  /** Reads one line without its line end; never an empty one. Does not throw. */
  readonly parse: (line: string) => ParsedLine;
  /** What was held back until the last line was read. */
  readonly finish?: () => readonly RawRating[];
}

/** A layout of files that Usher imports. One line is one record: a stray quote spoils only its own. */
export interface ImportFormat {
  readonly name: string;
  /** Whether a folder with these files is of this format. */
  detect(fileNames: readonly string[]): boolean;
  /**
   * Starts one reading: its files in the order in which they are to be read. What one file says and
   * a later one needs (id lists) lives in this reading only.
   *
   * @param now epoch ms; a rating more than 24 h after it is a bad row.
   */
  open(now: number): readonly SourceFile[];
}

const DECIMAL = /^\d+(\.\d+)?$/;

/** A rating line's fields, checked. `seconds` is the time as epoch seconds, null where none is kept. */
export function parseRatingFields(
  userId: string,
  itemId: string,
  rating: string,
  seconds: string | null,
  now: number,
): ParsedLine {
  const fault = idsFault(userId, itemId);
  if (fault !== null) return bad(fault);
  const value = Number(rating);
  if (!DECIMAL.test(rating)) return bad("the rating is not a number");
  if (value < LOWEST_RATING || value > HIGHEST_RATING) {
    return bad(`the rating is outside ${LOWEST_RATING}..${HIGHEST_RATING}`);
  }
  if (seconds === null) return good({ userId, itemId, value, occurredAt: null });
  if (!DECIMAL.test(seconds)) return bad("the timestamp is not a number of seconds since 1970");
  const occurredAt = Math.floor(Number(seconds) * 1000);
  if (occurredAt > now + MAX_AHEAD_MS) {
    return bad("the timestamp lies in the future (it counts seconds since 1970)");
  }
  return good({ userId, itemId, value, occurredAt });
}

/** An item line's fields, checked; the year is taken from the end of the title where it has one. */
export function parseItemFields(
  itemId: string,
  title: string,
  categories: readonly string[],
): ParsedLine {
  const fault = idFault("item", itemId);
  if (fault !== null) return bad(fault);
  if (title.trim() === "") return bad("the title is empty");
  if (/\p{Cc}/u.test(title + categories.join(""))) return bad("a control character in the text");
  const year = yearOf(title);
  return { ok: true, item: { itemId, title: title.trim(), categories, year } };
}

/** "Action|Comedy" as a list; MovieLens writes "(no genres listed)" for none. */
export function splitGenres(genres: string): string[] {
  return genres.split("|").filter((genre) => genre !== "" && genre !== "(no genres listed)");
}

/** What is wrong with a row's ids, or null. */
export function idsFault(userId: string, itemId: string): string | null {
  return idFault("user", userId) ?? idFault("item", itemId);
}

function idFault(of: "user" | "item", id: string): string | null {
  // What is no UTF-8 was decoded to this character, and two ids may have become one.
  if (id.includes("\ufffd")) return `the ${of} id is not valid UTF-8`;
  const fault = identifierFault(id);
  return fault === null ? null : `the ${of} id ${fault}`;
}

export function bad(reason: string): ParsedLine {
  return { ok: false, reason };
}

/**
 * The event that a rating row stands for. Without an id of its own it gets one derived from its
 * content, so importing a file again changes nothing. A row without a time gets 1970-01-01.
 */
export function eventOfRating(rating: RawRating): UsherEvent {
  const { eventId, userId, itemId, value, minutes = null, share = null } = rating;
  const content = {
    userId,
    itemId,
    type: rating.type ?? (value === null ? ("view" as const) : ("rate" as const)),
    value,
    minutes,
    share,
    occurredAt: rating.occurredAt ?? 0,
    requestId: null,
  };
  return { eventId: eventId ?? deriveEventId(content), ...content };
}

/** The list as it is stored: with an id of its content, so that it is there once. */
export function storedShown(shown: ShownList): ShownList & { readonly id: string } {
  return { id: deriveShownId(shown), ...shown };
}

function good(rating: RawRating): ParsedLine {
  return { ok: true, ratings: [rating] };
}

/** The year of "Toy Story (1995)", the first of "Fargo (2014–2020)", null without one. */
function yearOf(title: string): number | null {
  const match = /\((\d{4})(?:[-–]\d{0,4})?\)\s*$/.exec(title);
  return match === null ? null : Number(match[1]);
}
