import type { Database } from "../../drizzle/database.ts";
import { storeBatch } from "../../drizzle/event-batch.ts";
import { insertShownLists } from "../../drizzle/shown-lists.ts";
import { type StreamOptions, StreamReader } from "../../events/formats/course-stream.ts";
import { eventOfRating, type ParsedLine, storedShown } from "../../events/formats/format.ts";

/** A message of a topic: a line of an event stream. */
export interface TopicMessage {
  readonly partition: number;
  readonly offset: bigint;
  readonly line: string;
}

/** Where a consumer group is to go on in a partition: the offset that is read next. */
export interface TopicPosition {
  readonly partition: number;
  readonly offset: bigint;
}

/** Messages of the partitions that one follower has been given, in order within a partition. */
export type TopicBatches = AsyncIterable<readonly TopicMessage[]>;

/** A topic as following it needs it; `kafkaTopic` is the real one. */
export interface Topic {
  readonly name: string;
  /**
   * One reading for each time that the group shares out its partitions, until the topic is closed.
   * Each begins where the group has committed: another follower may have gone on with a partition.
   */
  assignments(): AsyncIterable<TopicBatches>;
  commit(positions: readonly TopicPosition[]): Promise<void>;
}

/** Counts of what was read; they grow while the topic is followed. */
export interface FollowCounts {
  messages: number;
  inserted: number;
  duplicates: number;
  quarantined: number;
  /** Lists that were shown to somebody. */
  shown: number;
}

interface Partition {
  readonly reader: StreamReader;
  next: bigint;
  committed: bigint;
}

/**
 * Follows a topic into the database until it is closed.
 *
 * Offsets are committed only when the database has the rows, and never past a line whose play has
 * not been given yet: whoever goes on from there reads it again. What is read twice is stored once.
 *
 * @throws UsherError `DATABASE_FAILED`; nothing was committed that is not stored.
 */
export async function followTopic(
  database: Database,
  topic: Topic,
  options: StreamOptions & { readonly onBatch?: (counts: Readonly<FollowCounts>) => void } = {},
): Promise<FollowCounts> {
  const counts = { messages: 0, inserted: 0, duplicates: 0, quarantined: 0, shown: 0 };
  for await (const batches of topic.assignments()) {
    const partitions = new Map<number, Partition>();
    for await (const messages of batches) {
      await store(database, topic.name, readAll(messages, partitions, options), counts);
      counts.messages += messages.length;
      const positions = movedPositions(partitions);
      if (positions.length > 0) await topic.commit(positions);
      for (const { partition, offset } of positions) partitions.get(partition)!.committed = offset;
      options.onBatch?.(counts);
    }
  }
  return counts;
}

interface ReadMessage extends TopicMessage {
  readonly parsed: ParsedLine;
}

function readAll(
  messages: readonly TopicMessage[],
  partitions: Map<number, Partition>,
  options: StreamOptions,
): ReadMessage[] {
  return messages.map((message) => {
    const state = partitions.get(message.partition) ?? {
      reader: new StreamReader(Date.now, options),
      next: 0n,
      committed: -1n,
    };
    partitions.set(message.partition, state);
    state.next = message.offset + 1n;
    const parsed = state.reader.read(message.line, Number(message.offset));
    return { ...message, parsed };
  });
}

async function store(
  database: Database,
  topic: string,
  read: readonly ReadMessage[],
  counts: FollowCounts,
): Promise<void> {
  const source = `kafka:${topic}`;
  const ratings = read.flatMap(({ parsed }) => (parsed.ok ? (parsed.ratings ?? []) : []));
  const events = ratings.map((rating) => ({ ...eventOfRating(rating), source }));
  const quarantined = read.flatMap(({ parsed, partition, offset, line }) =>
    parsed.ok
      ? []
      : [
          {
            source: `${source}/${partition}@${offset}`,
            line: null,
            raw: line,
            reason: parsed.reason,
          },
        ],
  );
  const stored = await storeBatch(database, { events, quarantined });
  counts.inserted += stored.inserted;
  counts.duplicates += events.length - stored.inserted - stored.erased - stored.refused;
  counts.quarantined += quarantined.length + stored.refused;
  const shown = read.flatMap(({ parsed }) => (parsed.ok ? (parsed.shown ?? []) : []));
  await insertShownLists(database, shown.map(storedShown));
  counts.shown += shown.length;
}

function movedPositions(partitions: ReadonlyMap<number, Partition>): TopicPosition[] {
  const positions: TopicPosition[] = [];
  for (const [partition, { reader, next, committed }] of partitions) {
    const held = reader.heldFrom;
    const offset = held === null ? next : BigInt(held);
    if (offset > committed) positions.push({ partition, offset });
  }
  return positions;
}
