import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { eraseUser } from "../../drizzle/erasures.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../../local/temporary-database.ts";
import { followTopic, type Topic, type TopicMessage, type TopicPosition } from "./follow-topic.ts";
import { gathered } from "./kafka-topic.ts";

let temporary: TemporaryDatabase;
beforeAll(async () => {
  temporary = await startTemporaryDatabase();
});
afterAll(() => temporary?.stop());
beforeEach(() =>
  temporary.database.pool.query(
    "truncate events, event_ids, users, quarantine, served_lists, erasures",
  ),
);

const at = (minute: number) => new Date(Date.UTC(2025, 0, 1, 0, minute)).toISOString().slice(0, 19);
const rated = (user: number, minute: number) => `${at(minute)},${user},GET /rate/heat+1995=4`;
const watched = (user: number, minute: number) =>
  `${at(minute)},${user},GET /data/m/heat+1995/${minute}.mpg`;

/** A topic with the group's committed offsets, as a broker keeps them. */
class FakeTopic implements Topic {
  readonly name = "movielog";
  readonly committed = new Map<number, bigint>();
  readonly commits: TopicPosition[][] = [];
  readonly #partitions: string[][];
  readonly #batch: number;
  /** Messages after which the connection breaks. */
  breakAfter = Number.POSITIVE_INFINITY;

  constructor(partitions: string[][], batch: number) {
    this.#partitions = partitions;
    this.#batch = batch;
  }

  async *assignments() {
    yield this.#batches();
  }

  async *#batches(): AsyncGenerator<TopicMessage[]> {
    const messages = this.#partitions.flatMap((lines, partition) =>
      lines.map((line, index) => ({ partition, offset: BigInt(index), line })),
    );
    const waiting = messages.filter(
      ({ partition, offset }) => offset >= (this.committed.get(partition) ?? 0n),
    );
    for (let from = 0; from < waiting.length; from += this.#batch) {
      if (from >= this.breakAfter) throw new Error("the broker is gone");
      yield waiting.slice(from, from + this.#batch);
    }
  }

  async commit(positions: readonly TopicPosition[]): Promise<void> {
    this.commits.push([...positions]);
    for (const { partition, offset } of positions) this.committed.set(partition, offset);
  }
}

async function count(type: string): Promise<number> {
  const query = "select count(*)::int as count from events where type::text = $1";
  const { rows } = await temporary.database.pool.query(query, [type]);
  return (rows[0] as { count: number }).count;
}

test("a topic's lines are stored, and its offsets committed after them", async () => {
  const topic = new FakeTopic([[rated(1, 0), "dirty", rated(2, 1)], [rated(3, 0)]], 2);
  const counts = await followTopic(temporary.database, topic);
  expect(counts).toMatchObject({ messages: 4, inserted: 3, duplicates: 0, quarantined: 1 });
  expect([...topic.committed]).toEqual([
    [0, 3n],
    [1, 1n],
  ]);
  const { rows } = await temporary.database.pool.query("select source from quarantine");
  expect(rows).toEqual([{ source: "kafka:movielog/0@1" }]);
});

test("lists that were shown are kept, an erased user's are not", async () => {
  const shown = (user: string) =>
    `${at(0)},${user},recommendation request HOST:8082, status 200, result: heat+1995, it+2017, 45 ms`;
  await eraseUser(temporary.database, "13", "tombstone");
  const topic = new FakeTopic([[shown("12"), shown("13"), shown("12")]], 3);
  expect(await followTopic(temporary.database, topic)).toMatchObject({ messages: 3, shown: 3 });
  const { rows } = await temporary.database.pool.query(
    "select user_id, items from served_lists, erasures",
  );
  expect(rows).toEqual([{ user_id: "12", items: ["heat+1995", "it+2017"] }]);
});

test("nothing is committed past a minute whose play has not been given", async () => {
  const lines = [
    rated(1, 0),
    watched(2, 1),
    watched(2, 2),
    rated(1, 3),
    rated(9, 200),
    rated(9, 201),
  ];
  const topic = new FakeTopic([lines.slice(0, 4)], 1);
  await followTopic(temporary.database, topic);
  expect(topic.committed.get(0)).toBe(1n);
  expect(await count("play")).toBe(0);
  // Whoever goes on reads the held minutes again, and stores the play once.
  const again = new FakeTopic([[...lines, watched(5, 300), watched(5, 400)]], 2);
  again.committed.set(0, 1n);
  await followTopic(temporary.database, again);
  expect(await count("play")).toBe(2);
  expect(again.committed.get(0)).toBe(7n);
});

test("when the database is away nothing is committed, and a second run loses and doubles nothing", async () => {
  const lines = Array.from({ length: 40 }, (_, i) => rated(i, i));
  const topic = new FakeTopic([lines.slice(0, 20), lines.slice(20)], 7);
  topic.breakAfter = 21;
  await expect(followTopic(temporary.database, topic)).rejects.toThrow("the broker is gone");
  const stored = await count("rate");
  expect(stored).toBe(21);
  await temporary.database.pool.query("alter table events rename to events_away");
  topic.breakAfter = Number.POSITIVE_INFINITY;
  const before = [...topic.committed];
  await expect(followTopic(temporary.database, topic)).rejects.toMatchObject({
    code: "DATABASE_FAILED",
  });
  expect([...topic.committed]).toEqual(before);
  await temporary.database.pool.query("alter table events_away rename to events");
  await followTopic(temporary.database, topic);
  expect(await count("rate")).toBe(40);
  expect([...topic.committed.values()]).toEqual([20n, 20n]);
});

test("a topic that is followed for days goes on taking what happens now", async () => {
  const today = Date.UTC(2025, 0, 1);
  const clock = vi.spyOn(Date, "now").mockReturnValue(today);
  const topic = new FakeTopic([[rated(1, 0), rated(2, 3 * 24 * 60)]], 1);
  try {
    const counts = await followTopic(temporary.database, topic, {
      onBatch: () => clock.mockReturnValue(today + 3 * 86_400_000),
    });
    expect(counts).toMatchObject({ inserted: 2, quarantined: 0 });
  } finally {
    clock.mockRestore();
  }
});

test("messages come in full batches, or in what has come after a wait", async () => {
  async function* slowly() {
    for (let i = 0; i < 5; i++) {
      if (i === 3) await sleep(100);
      yield { partition: 0, offset: BigInt(i), value: i === 4 ? undefined : `${i}` };
    }
  }
  const sizes: number[] = [];
  for await (const batch of gathered(slowly(), 2, 20)) sizes.push(batch.length);
  expect(sizes).toEqual([2, 1, 2]);
});

test("a batch does not wait longer because further messages keep coming", async () => {
  async function* steadily() {
    for (let i = 0; i < 12; i++) {
      await sleep(40);
      yield { partition: 0, offset: BigInt(i), value: `${i}` };
    }
  }
  const sizes: number[] = [];
  for await (const batch of gathered(steadily(), 100, 100)) sizes.push(batch.length);
  expect(sizes.length).toBeGreaterThan(1);
});
