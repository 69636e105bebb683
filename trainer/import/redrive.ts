import type { Database } from "../../drizzle/database.ts";
import { markRedriven, waitingDeadLetters } from "../../drizzle/dead-letters.ts";
import { storeBatch } from "../../drizzle/event-batch.ts";
import { addExposures } from "../../drizzle/exposures.ts";
import { addTraffic } from "../../drizzle/traffic-flushes.ts";
import { sortMessages } from "../../events/message.ts";
import { DEAD_LETTER_PREFIX } from "../../release/keys.ts";

/** Workers KV as redriving sees it: where dead letters waited while the database was away. */
export interface ParkedLetters {
  list(prefix: string): AsyncIterable<{ readonly key: string }>;
  read(key: string): Promise<ArrayBuffer | null>;
  delete(keys: readonly string[]): Promise<void>;
}

/** What redriving did, in messages and in events. */
export interface RedriveSummary {
  messages: number;
  inserted: number;
  /** Events that were stored already. */
  duplicates: number;
  /** Events of erased users, left out. */
  erased: number;
  /** Events now in quarantine. */
  quarantined: number;
  /** Messages that still nobody can read; they stay in `dead_letters`. */
  unreadable: number;
}

/** Messages handled at a time: some megabytes of JSON at most. */
const PAGE = 50;

/**
 * Brings dead letters back: those parked in KV and those kept in the database as unreadable, which a
 * newer version may be able to read. Doing it again, or half, harms nothing: a letter is let go only
 * after its events are stored, and events are stored once.
 */
export async function redrive(database: Database, parked: ParkedLetters): Promise<RedriveSummary> {
  const summary: RedriveSummary = {
    messages: 0,
    inserted: 0,
    duplicates: 0,
    erased: 0,
    quarantined: 0,
    unreadable: 0,
  };
  await redriveKept(database, summary);
  await redriveParked(database, parked, summary);
  return summary;
}

interface Letter {
  readonly id: string;
  readonly body: unknown;
}

async function redriveKept(database: Database, summary: RedriveSummary): Promise<void> {
  let afterId = 0;
  for (;;) {
    const page = await waitingDeadLetters(database, afterId, PAGE);
    if (page.length === 0) return;
    afterId = page.at(-1)!.id;
    const still = await store(
      database,
      page.map(({ messageId, body }) => ({ id: messageId, body: parseJson(body) })),
      summary,
    );
    const read = page.filter(({ messageId }) => !still.has(messageId));
    await markRedriven(
      database,
      read.map(({ id }) => id),
    );
  }
}

async function redriveParked(
  database: Database,
  parked: ParkedLetters,
  summary: RedriveSummary,
): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of parked.list(DEAD_LETTER_PREFIX)) keys.push(key);
  for (let from = 0; from < keys.length; from += PAGE) {
    const page = keys.slice(from, from + PAGE);
    const letters = await Promise.all(page.map((key) => readLetter(parked, key)));
    await store(
      database,
      letters.filter((letter) => letter !== null),
      summary,
    );
    await parked.delete(page);
  }
}

async function readLetter(parked: ParkedLetters, key: string): Promise<Letter | null> {
  const bytes = await parked.read(key);
  if (bytes === null) return null;
  return {
    id: key.slice(DEAD_LETTER_PREFIX.length),
    body: parseJson(new TextDecoder().decode(bytes)),
  };
}

/** Stores the events of some letters; gives the ids of those that could not be read. */
async function store(
  database: Database,
  letters: readonly Letter[],
  summary: RedriveSummary,
): Promise<ReadonlySet<string>> {
  const sorted = sortMessages(letters);
  const { inserted, erased, refused } = await storeBatch(database, sorted);
  await addTraffic(database, sorted.traffic);
  await addExposures(database, sorted.exposures);
  summary.messages += letters.length;
  summary.inserted += inserted;
  summary.erased += erased;
  summary.duplicates += sorted.events.length - inserted - erased - refused;
  summary.quarantined += sorted.quarantined.length + refused;
  summary.unreadable += sorted.unreadable.length;
  return new Set(sorted.unreadable.map(({ messageId }) => messageId));
}

/** Text that is no JSON is a body too: one that no reader will take. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
