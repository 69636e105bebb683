/** The facts of a dataset, counted from events that no single database holds. */
import { type DatasetFacts, POPULAR_ITEMS, type SourceFacts } from "../../drizzle/dataset-facts.ts";
import { IdTable } from "../event-columns.ts";

/** What is counted of an event. */
export interface CountedEvent {
  readonly seq: number;
  readonly userId: string;
  readonly itemId: string;
  readonly type: string;
  readonly value: number | null;
  readonly occurredAt: number;
  readonly source: string;
}

/** Types that a triple of user, item and type has room for, and items: 2^25 users, as many items. */
const TYPES = 8;
const ITEMS = 2 ** 25;

/**
 * Counts events as `datasetFacts` has Postgres count them, which it is tested against. Takes 8 bytes an
 * event, beside the ids of users and items.
 *
 * @param batches in the order of the sequence.
 */
export async function countFacts(
  watermark: number,
  batches: AsyncIterable<readonly CountedEvent[]>,
): Promise<DatasetFacts> {
  const since = watermark - Math.floor(watermark / 10);
  const users = new Tally();
  const items = new Tally();
  const types = new Tally();
  const ratings = new Tally();
  const recentUsers = new Tally();
  const recentItems: number[] = [];
  const sources = new Map<string, SourceFacts>();
  const firstSeq: number[] = [];
  const triples = new Numbers();
  let newestAt = 0;
  for await (const batch of batches) {
    for (const { seq, userId, itemId, type, value, occurredAt, source } of batch) {
      const user = users.count(userId);
      const item = items.count(itemId);
      firstSeq[item] ??= seq;
      triples.push((user * ITEMS + item) * TYPES + types.count(type));
      if (value !== null) ratings.count(String(roundToEven(value * 2) / 2));
      if (seq > since) {
        recentUsers.count(userId);
        recentItems.push(item);
      }
      newestAt = Math.max(newestAt, occurredAt);
      sources.set(source, grown(sources.get(source), source, seq));
    }
  }
  return {
    events: triples.length,
    users: users.size,
    items: items.size,
    types: Object.fromEntries(types.entries()),
    ratings: Object.fromEntries(ratings.entries()),
    sources: [...sources.values()].sort((a, b) => byBytes(a.source, b.source)),
    newestAt,
    repeated: triples.length - triples.distinct(),
    busiestUser: users.most(),
    popular: items
      .entries()
      .sort(([a, m], [b, n]) => n - m || byBytes(a, b))
      .slice(0, POPULAR_ITEMS),
    recent: {
      events: recentUsers.total(),
      busiestUser: recentUsers.most(),
      newItems: recentItems.filter((item) => firstSeq[item]! > since).length,
    },
  };
}

function grown(known: SourceFacts | undefined, source: string, seq: number): SourceFacts {
  if (known === undefined) return { source, events: 1, firstSeq: seq, lastSeq: seq };
  return { ...known, events: known.events + 1, lastSeq: seq };
}

/** Halves go to the even neighbour, as Postgres rounds doubles. */
function roundToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** The order of the bytes in UTF-8, which is Postgres' collation "C". */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** How often each name came, names numbered as they appeared. */
class Tally {
  readonly #names = new IdTable();
  readonly #counts: number[] = [];

  get size(): number {
    return this.#counts.length;
  }

  /** Counts a name, and gives its number. */
  count(name: string): number {
    const number = this.#names.intern(name);
    this.#counts[number] = (this.#counts[number] ?? 0) + 1;
    return number;
  }

  /** The names with their counts, by number. */
  entries(): [string, number][] {
    return this.#names.ids.map((name, number) => [name, this.#counts[number]!]);
  }

  most(): number {
    return this.#counts.reduce((most, count) => Math.max(most, count), 0);
  }

  total(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }
}

/** A list of numbers that doubles when it is full. */
class Numbers {
  #values = new Float64Array(1 << 16);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  /** How many different ones there are; sorts them. */
  distinct(): number {
    const sorted = this.#values.subarray(0, this.length).sort();
    let distinct = 0;
    for (let at = 0; at < sorted.length; at++) {
      if (at === 0 || sorted[at] !== sorted[at - 1]) distinct++;
    }
    return distinct;
  }
}
