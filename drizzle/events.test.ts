import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { validateEvent } from "../events/event.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../local/temporary-database.ts";
import { type Database, openDatabase } from "./database.ts";
import { countStored, insertEvents, type NewEvent, recentInteractions } from "./events.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 5, 1, 12);

let temporary: TemporaryDatabase;
let database: Database;

beforeAll(async () => {
  temporary = await startTemporaryDatabase();
  database = temporary.database;
});

afterAll(() => temporary?.stop());

beforeEach(async () => {
  await database.pool.query("truncate events, event_ids, users restart identity");
});

function rating(userId: string, itemId: string, change: Partial<NewEvent> = {}): NewEvent {
  const eventId = `${userId}/${itemId}/${JSON.stringify(change)}`;
  const rest = { minutes: null, share: null, occurredAt: NOW, requestId: null };
  return { eventId, userId, itemId, type: "rate", value: 4, ...rest, ...change };
}

async function rows<T>(statement: string): Promise<T[]> {
  return (await database.pool.query(statement)).rows as T[];
}

test("events and their users are stored once, however often they come", async () => {
  const batch = [rating("1", "a"), rating("2", "a"), rating("1", "b")];
  expect(await insertEvents(database, batch, "api")).toEqual({ inserted: 3 });
  expect(await insertEvents(database, batch, "api")).toEqual({ inserted: 0 });
  expect(await insertEvents(database, [...batch, rating("3", "a")], "api")).toEqual({
    inserted: 1,
  });
  expect(await countStored(database)).toMatchObject({ events: 4, users: 3 });
});

test("an event twice in one batch is stored once", async () => {
  const twice = [rating("1", "a"), rating("1", "a")];
  expect(await insertEvents(database, twice, "api")).toEqual({ inserted: 1 });
});

test("no events need no statement", async () => {
  expect(await insertEvents(database, [], "api")).toEqual({ inserted: 0 });
});

test("seq follows the order of the batch", async () => {
  const batch = Array.from({ length: 500 }, (_, i) => rating("1", String((i * 7919) % 500)));
  await insertEvents(database, batch, "api");
  const stored = await rows<{ item_id: string }>("select item_id from events order by seq");
  expect(stored.map((row) => row.item_id)).toEqual(batch.map((event) => event.itemId));
});

test("every field arrives as it was sent", async () => {
  const userId = 'it\'s "ünïcode" \\ 🎬';
  const play = rating(userId, "31", { type: "play", value: null, minutes: 45.5, share: 0.4 });
  await insertEvents(database, [{ ...play, requestId: "r-1", occurredAt: NOW + 123 }], "api");
  const [stored] = await rows("select * from events");
  expect(stored).toMatchObject({
    event_id: play.eventId,
    user_id: userId,
    item_id: "31",
    type: "play",
    value: null,
    minutes: 45.5,
    share: 0.4,
    occurred_at: new Date(NOW + 123),
    source: "api",
    request_id: "r-1",
  });
});

test("whatever the event contract accepts, the database stores", async () => {
  const input = fc.record({
    userId: fc.string({ unit: "binary", minLength: 1, maxLength: 40 }),
    itemId: fc.string({ minLength: 1, maxLength: 128 }),
    type: fc.constantFrom("rate", "play", "click", "view"),
    value: fc.option(fc.double({ min: 0.5, max: 5, noNaN: true })),
    minutes: fc.option(fc.double({ min: 0, max: 100_000, noNaN: true })),
    share: fc.option(fc.oneof(fc.constant(1e-300), fc.double({ min: 0, max: 1, noNaN: true }))),
    occurredAt: fc.option(fc.double({ min: 0, max: NOW, noNaN: true })),
    requestId: fc.option(fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 })),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(input, { maxLength: 40 }), async (inputs) => {
      const accepted = inputs
        .map((candidate) => validateEvent(candidate, NOW))
        .flatMap((verdict) => (verdict.ok ? [verdict.event] : []));
      await database.pool.query("truncate events, event_ids");
      const distinct = new Set(accepted.map((event) => event.eventId));
      const stored = await insertEvents(database, accepted, "api");
      expect(stored.inserted).toBe(distinct.size);
    }),
    { numRuns: 50 },
  );
});

test("a batch that Postgres refuses stores nothing, and the error repeats nobody's ratings", async () => {
  const batch = [rating("somebody", "a"), rating("1", "b", { value: 9 })];
  const error = await insertEvents(database, batch, "api").catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ code: "DATABASE_FAILED" });
  expect(String(error)).toContain("Storing 2 events failed");
  expect(String(error)).toContain("events_value_range");
  expect(String(error)).not.toContain("somebody");
  expect(await countStored(database)).toMatchObject({ events: 0, users: 0 });
});

test("two writers that wait for each other both get their events in", async () => {
  const [a, b] = [rating("1", "a"), rating("2", "b")];
  const claim = async (eventId: string) => {
    const key = "encode(substring(sha256(convert_to($1, 'UTF8')) from 1 for 16), 'hex')::uuid";
    await other.query(`insert into event_ids (id, seq) values (${key}, 0)`, [eventId]);
  };
  const key = ({ eventId }: NewEvent) => createHash("sha256").update(eventId).digest("hex");
  // Ours takes the ids in their order; the other one goes the other way.
  const [low, high] = key(a) < key(b) ? [a, b] : [b, a];
  const other = await database.pool.connect();
  await other.query("set deadlock_timeout = '10s'");
  await other.query("begin");
  await claim(high.eventId);
  const ours = insertEvents(database, [a, b], "api");
  await sleep(200);
  await claim(low.eventId);
  await other.query("commit");
  other.release(true);
  expect(await ours).toEqual({ inserted: 0 });
  expect(await countStored(database)).toMatchObject({ events: 0 });
});

test("a database that does not answer is said to be unreachable", async () => {
  const nowhere = openDatabase(temporary.postgres.url, { wsProxy: "127.0.0.1:1/v1" });
  const error = await insertEvents(nowhere, [rating("1", "a")], "api").catch((thrown) => thrown);
  expect(error).toMatchObject({ code: "DATABASE_FAILED" });
  expect(error.message).toMatch(/Storing 1 events failed: .{5,}/);
  await nowhere.close();
  // The settings of the one have not reached the other.
  expect(await insertEvents(database, [rating("1", "a")], "api")).toEqual({ inserted: 1 });
});

test("an event weighs half as much after each half-life", async () => {
  const aged = (itemId: string, hours: number, userId = "1") =>
    rating(userId, itemId, { occurredAt: NOW - hours * HOUR });
  const batch = [aged("fresh", 0), aged("day", 24), aged("twice", 24), aged("twice", 24, "2")];
  await insertEvents(database, [...batch, aged("old", 24 * 8)], "api");
  const window = { now: NOW, sinceMs: NOW - 7 * 24 * HOUR, halfLifeMs: 24 * HOUR, limit: 10 };
  expect(await recentInteractions(database, window)).toEqual([
    { itemId: "fresh", score: 1 },
    { itemId: "twice", score: 1 },
    { itemId: "day", score: 0.5 },
  ]);
  expect(await recentInteractions(database, { ...window, limit: 1 })).toHaveLength(1);
});

test("a disappointed rating is no interest; a clock that is ahead gives no advantage", async () => {
  const ahead = rating("1", "ahead", { occurredAt: NOW + 20 * HOUR });
  const click = rating("1", "clicked", { type: "click", value: null });
  await insertEvents(database, [ahead, click, rating("1", "poor", { value: 2.5 })], "api");
  const window = { now: NOW, sinceMs: NOW - HOUR, halfLifeMs: HOUR, limit: 10 };
  expect(await recentInteractions(database, window)).toEqual([
    { itemId: "ahead", score: 1 },
    { itemId: "clicked", score: 1 },
  ]);
});

test("events older than a thousand half-lives do no harm", async () => {
  await insertEvents(database, [rating("1", "ancient", { occurredAt: 0 })], "api");
  const window = { now: NOW, sinceMs: 0, halfLifeMs: HOUR, limit: 10 };
  const [ancient] = await recentInteractions(database, window);
  expect(ancient?.score).toBeCloseTo(0, 12);
});
