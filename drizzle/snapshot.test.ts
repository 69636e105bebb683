import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { startTemporaryDatabase, type TemporaryDatabase } from "../local/temporary-database.ts";
import type { Database } from "./database.ts";
import { insertEvents } from "./events.ts";
import { readEvents, type SnapshotEvent, takeWatermark } from "./snapshot.ts";

let temporary: TemporaryDatabase;
let database: Database;

beforeAll(async () => {
  temporary = await startTemporaryDatabase();
  database = temporary.database;
});

afterAll(() => temporary?.stop());

beforeEach(async () => {
  await database.pool.query("truncate events, event_ids restart identity");
});

const LATE =
  "insert into events (event_id, user_id, item_id, type, value, occurred_at, source) values ('late', '1', 'late', 'rate', 4, now(), 'test')";

async function store(...itemIds: string[]): Promise<void> {
  const rest = { minutes: null, share: null, requestId: null, occurredAt: 1_700_000_000_123 };
  const events = itemIds.map((itemId) => ({
    eventId: itemId,
    userId: "1",
    itemId,
    type: "rate" as const,
    value: 4.5,
    ...rest,
  }));
  await insertEvents(database, events, "test");
}

async function itemsUpTo(watermark: number, batchSize?: number): Promise<string[][]> {
  const batches: SnapshotEvent[][] = [];
  for await (const batch of readEvents(database, watermark, batchSize)) batches.push(batch);
  return batches.map((batch) => batch.map((event) => event.itemId));
}

test("without events the watermark is 0 and nothing is read", async () => {
  expect(await takeWatermark(database)).toBe(0);
  expect(await itemsUpTo(0)).toEqual([]);
});

test("events are read in order of arrival, in batches, up to the watermark", async () => {
  await store("a", "b", "c", "d", "e");
  const watermark = await takeWatermark(database);
  await store("later");
  expect(await itemsUpTo(watermark, 2)).toEqual([["a", "b"], ["c", "d"], ["e"]]);
  expect(await itemsUpTo(watermark, 5)).toEqual([["a", "b", "c", "d", "e"]]);
  expect(await itemsUpTo(watermark)).toEqual([["a", "b", "c", "d", "e"]]);
});

test("an event is read as it happened", async () => {
  await store("a");
  for await (const [event] of readEvents(database, 1)) {
    expect(event).toMatchObject({
      userId: "1",
      itemId: "a",
      type: "rate",
      value: 4.5,
      occurredAt: 1_700_000_000_123,
    });
  }
});

test("without the lock, a row that commits late is missed for ever", async () => {
  const writer = await database.pool.connect();
  await writer.query("begin");
  await writer.query(LATE);
  await store("quick");
  const naive = await database.pool.query("select max(seq)::int as watermark from events");
  const { watermark } = naive.rows[0] as { watermark: number };
  const seen = await itemsUpTo(watermark);
  await writer.query("commit");
  writer.release();
  // Its seq is below the watermark: whoever goes on from the watermark never comes across it.
  expect(seen).toEqual([["quick"]]);
  expect(await itemsUpTo(watermark)).toEqual([["late", "quick"]]);
});

test("a watermark waits for the row that commits late, and includes it", async () => {
  const writer = await database.pool.connect();
  await writer.query("begin");
  await writer.query(LATE);
  await store("quick");
  let taken = false;
  const watermark = takeWatermark(database).finally(() => {
    taken = true;
  });
  await sleep(200);
  expect(taken).toBe(false);
  await writer.query("commit");
  writer.release();
  expect(await itemsUpTo(await watermark)).toEqual([["late", "quick"]]);
});

test("events that arrive while a watermark is waited for come after it", async () => {
  const writer = await database.pool.connect();
  await writer.query("begin");
  await writer.query(LATE);
  const watermark = takeWatermark(database);
  await sleep(100);
  const after = store("after");
  await sleep(100);
  await writer.query("commit");
  writer.release();
  await after;
  expect(await itemsUpTo(await watermark)).toEqual([["late"]]);
});

test("two watermarks at once do not wait for each other", async () => {
  await store("a");
  expect(await Promise.all([takeWatermark(database), takeWatermark(database)])).toEqual([1, 1]);
});

test("a writer that does not end is named, and the lock is given up", async () => {
  const writer = await database.pool.connect();
  await writer.query("begin");
  await writer.query(LATE);
  const { pid } = (await writer.query("select pg_backend_pid() as pid")).rows[0] as { pid: number };
  const error = await takeWatermark(database, 100).catch((thrown) => thrown);
  expect(error).toMatchObject({ code: "WATERMARK_BLOCKED" });
  expect(error.message).toContain(`an import or the consumer Worker (pid ${pid}, for 0 s)`);
  await writer.query("rollback");
  writer.release();
  await store("a");
  expect(await itemsUpTo(await takeWatermark(database))).toEqual([["a"]]);
});

test("a reader that stops early leaves the database usable", async () => {
  await store("a", "b", "c");
  for await (const batch of readEvents(database, 3, 1)) {
    expect(batch).toHaveLength(1);
    break;
  }
  expect(await takeWatermark(database)).toBe(3);
});

test("reading does not slow down before Postgres has looked at the table", async () => {
  await database.pool.query(
    "insert into events (event_id, user_id, item_id, type, value, occurred_at, source) select i, i % 100, i, 'rate', 3, now(), 'test' from generate_series(1, 50000) i",
  );
  const statements = vi.spyOn(database.pool, "query");
  await itemsUpTo(50_000, 1000);
  const [query, parameters] = statements.mock.calls[0] as unknown as [{ text: string }, unknown[]];
  statements.mockRestore();
  const plans = await database.pool.query(`explain ${query.text}`, parameters);
  const plan = plans.rows.map((row: Record<string, string>) => row["QUERY PLAN"]).join("\n");
  expect(plan).toContain("events_from_1_pkey");
  expect(plan).not.toContain("Sort");
});
