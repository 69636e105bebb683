/** Finding a person in what could not be read: rows in quarantine, and whole queue messages. */

/** What of a letter is left without a person; `body` is null when nothing is. */
export interface LetterWithout {
  readonly body: string | null;
  /** Parts taken out: events, or the whole letter. */
  readonly removed: number;
}

/** Finds one user: the form in which the database's statements want it. */
export function personFinder(userId: string) {
  return {
    needles: needlesOf(userId),
    isRowAbout: (source: string, raw: string) => isRowAbout(source, raw, userId),
    letterWithout: (body: string) => letterWithout(body, userId),
  };
}

/**
 * Texts of which one stands in everything that may name a user: the id itself, and as JSON writes it,
 * with letters beyond ASCII as they are or escaped.
 */
function needlesOf(userId: string): string[] {
  const json = JSON.stringify(userId).slice(1, -1);
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return [...new Set([userId, json, json.replace(/[^ -~]/g, escaped)])];
}

/** Sources whose lines hold the user in one of the first so many fields. */
const USER_WITHIN = [
  { source: /^(import:course-stream|kafka:)/, fields: 2 },
  { source: /^import:movielens/, fields: 1 },
];
const SEPARATORS = /::|[\s,;|"'{}[\]()<>=&?/:]+/;
const COLUMNS = /::|[\t,;|]/;

/**
 * Whether a row in quarantine may be about a user. JSON is asked for `userId`, or, where a mapping
 * names the fields, for any value that is the id; a line of a known layout for its first fields, and
 * any other for a whole word that is the id. In doubt it is: a bad row more goes, and nobody stays.
 */
export function isRowAbout(source: string, raw: string, userId: string): boolean {
  if (!raw.includes(userId)) return raw.includes("\\") && jsonIsAbout(raw, userId) === true;
  const told = jsonIsAbout(raw, userId);
  if (told !== null) return told;
  const layout = USER_WITHIN.find((candidate) => candidate.source.test(source));
  if (layout !== undefined) {
    const fields = raw.split(COLUMNS, layout.fields).map((field) => unquoted(field.trim()));
    return fields.includes(userId);
  }
  const fields = raw.split(COLUMNS).map((field) => unquoted(field.trim()));
  return fields.includes(userId) || raw.split(SEPARATORS).includes(userId);
}

/**
 * A queue message without what names a user: of its events those go that do, and the others stay to
 * be redriven. A message that names the user elsewhere, or that is no JSON and holds the id as a
 * word, goes whole.
 */
export function letterWithout(body: string, userId: string): LetterWithout {
  const letter = parsed(body);
  if (letter === undefined) {
    return body.split(SEPARATORS).includes(userId)
      ? { body: null, removed: 1 }
      : { body, removed: 0 };
  }
  const events = eventsOf(letter);
  if (events === null) {
    return names(letter, userId) ? { body: null, removed: 1 } : { body, removed: 0 };
  }
  const kept = events.filter((event) => !names(event, userId));
  const without = { ...(letter as object), events: kept };
  if (names({ ...without, events: [] }, userId) || (kept.length === 0 && events.length > 0)) {
    return { body: null, removed: events.length };
  }
  const removed = events.length - kept.length;
  return removed === 0 ? { body, removed } : { body: JSON.stringify(without), removed };
}

/** Null when the text is no JSON object; a truncated one is none. */
function jsonIsAbout(raw: string, userId: string): boolean | null {
  const value = parsed(raw);
  if (typeof value !== "object" || value === null) return null;
  if (Object.hasOwn(value, "userId")) return names(value, userId);
  return holds(value, userId);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function eventsOf(letter: unknown): unknown[] | null {
  const events = (letter as { events?: unknown } | null)?.events;
  return Array.isArray(events) ? events : null;
}

/** Whether a `userId` in the value, however deep, is this one. */
function names(value: unknown, userId: string): boolean {
  return anyInside(value, (key, inner) => key === "userId" && isId(inner, userId));
}

/** Whether any value in it is the id. */
function holds(value: unknown, userId: string): boolean {
  return anyInside(value, (_, inner) => isId(inner, userId));
}

/** Whether the test holds for anything inside, at any depth: a stack of calls would have an end. */
function anyInside(value: unknown, test: (key: string, inner: unknown) => boolean): boolean {
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== "object" || next === null) continue;
    for (const [key, inner] of Object.entries(next)) {
      if (test(key, inner)) return true;
      if (typeof inner === "object" && inner !== null) open.push(inner);
    }
  }
  return false;
}

/** A shop may have sent its id as a number. */
function isId(value: unknown, userId: string): boolean {
  return (typeof value === "string" || typeof value === "number") && String(value) === userId;
}

function unquoted(field: string): string {
  return /^".*"$/.test(field) ? field.slice(1, -1) : field;
}
