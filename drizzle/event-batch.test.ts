import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTemporaryDatabase, type TemporaryDatabase } from "../local/temporary-database.ts";
import { openDatabase } from "./database.ts";
import { markRedriven, waitingDeadLetters } from "./dead-letters.ts";
import { type SourcedEvent, storeBatch } from "./event-batch.ts";

let temporary: TemporaryDatabase;

beforeAll(async () => {
  temporary = await startTemporaryDatabase();
});
afterAll(() => temporary?.stop());
beforeEach(() =>
  temporary.database.pool.query(
    "truncate events, event_ids, users, quarantine, dead_letters, erasures",
  ),
);

function event(eventId: string, change: Partial<SourcedEvent> = {}): SourcedEvent {
  const rest = { minutes: null, share: null, requestId: null, occurredAt: 1_700_000_000_000 };
  return {
    eventId,
    userId: "1",
    itemId: "a",
    type: "rate",
    value: 4,
    source: "api",
    ...rest,
    ...change,
  };
}

async function column(statement: string): Promise<unknown[]> {
  const result = await temporary.database.pool.query({ text: statement, rowMode: "array" });
  return result.rows.map((row: unknown[]) => row[0]);
}

test("events, poison and dead letters of a batch are stored together, once", async () => {
  const batch = {
    events: [event("1"), event("2", { source: "shop" })],
    quarantined: [{ source: "queue:m", line: 3, raw: "{}\u0000", reason: "itemId: is missing" }],
    unreadable: [{ messageId: "m2", body: '{"v":9}', reason: "another version" }],
  };
  const { database } = temporary;
  expect(await storeBatch(database, batch)).toEqual({ inserted: 2, erased: 0, refused: 0 });
  expect(await storeBatch(database, batch)).toEqual({ inserted: 0, erased: 0, refused: 0 });
  expect(await column("select source from events order by seq")).toEqual(["api", "shop"]);
  expect(await column("select raw from quarantine")).toEqual(["{}\u2400"]);
  const [letter] = await waitingDeadLetters(database, 0, 10);
  expect(letter).toMatchObject({ messageId: "m2", body: '{"v":9}' });
  await markRedriven(database, [letter!.id]);
  expect(await waitingDeadLetters(database, 0, 10)).toEqual([]);
});

test("an event that Postgres alone refuses goes to quarantine, the others are stored", async () => {
  const events = Array.from({ length: 21 }, (_, i) => event(String(i)));
  events[13] = event("13", { value: 9 });
  events[20] = event("20", { type: "like" as "rate" });
  const quarantined = [{ source: "queue:m", line: 1, raw: "x", reason: "y" }];
  const stored = await storeBatch(temporary.database, { events, quarantined });
  expect(stored).toEqual({ inserted: 19, erased: 0, refused: 2 });
  const reasons = await column("select reason from quarantine order by source");
  expect(reasons).toEqual([
    "y",
    expect.stringContaining("events_value_range"),
    expect.stringContaining("invalid input value for enum"),
  ]);
});

test("a database that is away refuses the batch as a whole, and nothing is quarantined", async () => {
  const nowhere = openDatabase(temporary.postgres.url, { wsProxy: "127.0.0.1:1/v1" });
  const away = storeBatch(nowhere, { events: [event("1"), event("2")] });
  await expect(away).rejects.toMatchObject({ code: "DATABASE_FAILED" });
  await nowhere.close();
  expect(await column("select reason from quarantine")).toEqual([]);
});

test("the latest rating by occurrence stands, whatever the order of arrival", async () => {
  const moment = fc.record({
    userId: fc.constantFrom("1", "2"),
    itemId: fc.constantFrom("a", "b"),
    type: fc.constantFrom("rate" as const, "rate" as const, "remove" as const, "view" as const),
    value: fc.constantFrom(1, 2, 3, 4, 5),
  });
  const arriving = fc.array(moment, { maxLength: 25 }).chain((moments) =>
    fc.tuple(
      fc.constant(moments),
      fc.shuffledSubarray(
        moments.map((_, i) => i),
        { minLength: moments.length },
      ),
    ),
  );
  await fc.assert(
    fc.asyncProperty(arriving, fc.integer({ min: 1, max: 25 }), async ([moments, order], cut) => {
      await temporary.database.pool.query("truncate events, event_ids");
      const happened = moments.map(({ value, ...moment }, i) =>
        event(`e${i}`, {
          ...moment,
          value: moment.type === "rate" ? value : null,
          occurredAt: i * 1000,
        }),
      );
      const standing = new Map<string, number>();
      for (const { userId, itemId, type, value } of happened) {
        if (type === "rate") standing.set(userId + itemId, value!);
        if (type === "remove") standing.delete(userId + itemId);
      }
      const events = order.map((i) => happened[i]!);
      await storeBatch(temporary.database, { events: events.slice(0, cut) });
      await storeBatch(temporary.database, { events: events.slice(cut) });
      const rows = await temporary.database.pool.query("select * from ratings");
      const found = rows.rows.map((row) => [row.user_id + row.item_id, row.value] as const);
      expect(new Map(found)).toEqual(standing);
    }),
    { numRuns: 60 },
  );
});
