import { Admin, Producer, stringSerializers } from "@platformatic/kafka";
import type { StreamLine } from "./stream-lines.ts";

/** A topic on a real broker, and what it was filled with. */
export interface FilledTopic {
  readonly name: string;
  /** The lines of each partition so far, in order: what offset 0, 1, … hold. */
  readonly partitions: readonly (readonly string[])[];
  /** Adds lines; those of one user stay in one partition. */
  fill(lines: readonly StreamLine[]): Promise<void>;
  /** Offsets that a consumer group has committed, by partition; none for one it never committed. */
  committed(group: string): Promise<Map<number, bigint>>;
  delete(): Promise<void>;
}

const PARTITIONS = 4;
const BATCH = 1_000;

/** Makes an empty topic of four partitions. */
export async function makeTopic(broker: string): Promise<FilledTopic> {
  const access = { clientId: "usher-bench", bootstrapBrokers: [broker] };
  const admin = new Admin(access);
  // Idempotent, or a batch that is sent again for want of an answer stands in the topic twice.
  const producer = new Producer({ ...access, serializers: stringSerializers, idempotent: true });
  const name = `usher-bench-${Date.now()}`;
  await admin.createTopics({ topics: [name], partitions: PARTITIONS, replicas: 1 });
  const partitions: string[][] = Array.from({ length: PARTITIONS }, () => []);
  return {
    name,
    partitions,
    async fill(lines) {
      for (let from = 0; from < lines.length; from += BATCH) {
        const messages = lines.slice(from, from + BATCH).map(({ user, line }) => {
          const partition = Number(user) % PARTITIONS;
          partitions[partition]!.push(line);
          return { topic: name, partition, key: user, value: line };
        });
        await producer.send({ messages });
      }
    },
    async committed(group) {
      const [found] = await admin.listConsumerGroupOffsets({ groups: [group] });
      const topic = found?.topics.find((candidate) => candidate.name === name);
      const offsets = topic?.partitions.map(
        ({ partitionIndex, committedOffset }) => [partitionIndex, committedOffset] as const,
      );
      return new Map(offsets);
    },
    async delete() {
      await producer.close();
      await admin.deleteTopics({ topics: [name] });
      await admin.close();
    },
  };
}
