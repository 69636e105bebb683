import { Consumer, stringDeserializers } from "@platformatic/kafka";
import type { Topic, TopicMessage } from "./follow-topic.ts";

/** How a topic is reached. */
export interface KafkaAccess {
  /** `host:port` of some brokers. */
  readonly brokers: readonly string[];
  readonly topic: string;
  /** Consumers of one group share the partitions. */
  readonly group: string;
}

/** Messages handed on together at most, and how long the first of them waits for more, in ms. */
const MOST_MESSAGES = 5_000;
const LINGER_MS = 500;
/**
 * A follower unheard for so long has died, in ms: the others wait for that before they share its
 * partitions, and a request to join must be allowed to last longer than this wait.
 */
const SESSION_MS = 15_000;

/** A Kafka topic; nothing is committed but what `commit` is told. */
export function kafkaTopic(access: KafkaAccess): Topic & { close(): Promise<void> } {
  const consumer = new Consumer({
    groupId: access.group,
    clientId: "usher",
    bootstrapBrokers: [...access.brokers],
    deserializers: stringDeserializers,
    autocommit: false,
    sessionTimeout: SESSION_MS,
    heartbeatInterval: SESSION_MS / 5,
    rebalanceTimeout: SESSION_MS,
    requestTimeout: 3 * SESSION_MS,
  });
  let stream: Awaited<ReturnType<typeof consumer.consume>> | null = null;
  let closed = false;
  /** Whether the partitions have been shared out since the present reading began. */
  let over = false;
  const open = () =>
    consumer.consume({
      topics: [access.topic],
      mode: "committed",
      fallbackMode: "earliest",
    });
  return {
    name: access.topic,
    async *assignments() {
      try {
        while (!closed) {
          const current = await open();
          stream = current;
          over = false;
          const end = () => {
            over = true;
            void current.close();
          };
          consumer.once("consumer:group:join", end);
          yield gathered(current as AsyncIterable<KafkaMessage>, MOST_MESSAGES, LINGER_MS);
          consumer.off("consumer:group:join", end);
        }
      } finally {
        // Not before the last batch is committed.
        await consumer.close();
      }
    },
    async commit(positions) {
      // Whoever has the partition now may be further: its offset would be put back.
      if (over) return;
      const offsets = positions.map((position) => ({
        ...position,
        topic: access.topic,
        leaderEpoch: -1,
      }));
      await consumer.commit({ offsets });
    },
    async close() {
      closed = true;
      await stream?.close();
    },
  };
}

interface KafkaMessage {
  readonly partition: number;
  readonly offset: bigint;
  readonly value: string | undefined;
}

/** Messages in batches: full ones, or what has come after a wait. */
export async function* gathered(
  messages: AsyncIterable<KafkaMessage>,
  most: number,
  lingerMs: number,
): AsyncGenerator<TopicMessage[]> {
  const iterator = messages[Symbol.asyncIterator]();
  let next = iterator.next();
  for (;;) {
    const first = await next;
    if (first.done === true) return;
    const batch = [topicMessage(first.value)];
    next = iterator.next();
    const waited = after(lingerMs);
    while (batch.length < most) {
      const arrived = await Promise.race([next, waited.promise]);
      if (arrived === null || arrived.done === true) break;
      batch.push(topicMessage(arrived.value));
      next = iterator.next();
    }
    waited.cancel();
    // A stream that fails must not count as unhandled while the batch before it is stored.
    next.catch(() => {});
    yield batch;
  }
}

function topicMessage({ partition, offset, value = "" }: KafkaMessage): TopicMessage {
  return { partition, offset, line: value };
}

function after(ms: number): { promise: Promise<null>; cancel: () => void } {
  const { promise, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, ms, null);
  return { promise, cancel: () => clearTimeout(timer) };
}
