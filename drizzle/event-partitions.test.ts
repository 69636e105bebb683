import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startTemporaryDatabase, type TemporaryDatabase } from "../local/temporary-database.ts";
import { storeBatch } from "./event-batch.ts";
import { ensurePartitions, eventPartitions, missingRanges } from "./event-partitions.ts";
import { insertEvents, type NewEvent } from "./events.ts";

let temporary: TemporaryDatabase;
beforeEach(async () => {
  temporary = await startTemporaryDatabase();
});
afterEach(() => temporary?.stop());

function events(from: number, count: number): NewEvent[] {
  const rest = { minutes: null, share: null, requestId: null, occurredAt: 1_700_000_000_000 };
  return Array.from({ length: count }, (_, at) => {
    return { eventId: `e${from + at}`, userId: "1", itemId: "a", type: "rate", value: 4, ...rest };
  });
}

async function perPartition(): Promise<number[]> {
  const { rows } = await temporary.database.pool.query<{ n: number }>(
    "select count(*)::int as n from events group by tableoid order by min(seq)",
  );
  return rows.map(({ n }) => n);
}

test("a batch that runs past the last partition makes the next one, and nothing goes to quarantine", async () => {
  const { database } = temporary;
  await database.pool.query("select setval('events_seq_seq', 9999990)");
  const batch = events(0, 30).map((event) => ({ ...event, source: "api" }));
  expect(await storeBatch(database, { events: batch })).toMatchObject({ inserted: 30, refused: 0 });
  expect(await eventPartitions(database.db)).toMatchObject([
    { name: "events_from_1", from: 1, to: 10_000_000 },
    { name: "events_from_10000001", from: 10_000_001, to: 20_000_000 },
  ]);
  const { rows } = await database.pool.query("select count(*)::int as n from quarantine");
  expect(rows).toEqual([{ n: 0 }]);
});

test("writers that reach the end of a partition together all get their events in, once", async () => {
  const { database } = temporary;
  await database.pool.query("drop table events_from_1");
  await ensurePartitions(database, { from: 1, to: 100 }, 100);
  const writers = Array.from({ length: 6 }, (_, writer) =>
    // Every event is brought by two of them.
    insertEvents(database, events(Math.floor(writer / 2) * 90, 90), "test"),
  );
  const inserted = (await Promise.all(writers)).reduce((sum, each) => sum + each.inserted, 0);
  expect(inserted).toBe(270);
  expect((await perPartition()).reduce((sum, n) => sum + n, 0)).toBe(270);
});

test("events of several partitions are read in order, whoever asks", async () => {
  const { database } = temporary;
  await database.pool.query("drop table events_from_1");
  await ensurePartitions(database, { from: 1, to: 200 }, 50);
  await insertEvents(database, events(0, 180), "test");
  expect(await perPartition()).toEqual([50, 50, 50, 30]);
  const { rows } = await database.pool.query<{ event_id: string }>(
    "select event_id from events order by seq",
  );
  expect(rows.map((row) => row.event_id)).toEqual(events(0, 180).map((event) => event.eventId));
});

test("partitions that are asked for twice, at once too, are made once", async () => {
  const { database } = temporary;
  const wanted = { from: 10_000_001, to: 30_000_000 };
  await Promise.all([ensurePartitions(database, wanted), ensurePartitions(database, wanted)]);
  expect((await eventPartitions(database.db)).map(({ from }) => from)).toEqual([
    1, 10_000_001, 20_000_001,
  ]);
});

test("a partition by hand that is no range of numbers is named", async () => {
  const { database } = temporary;
  await database.pool.query("create table other partition of events default");
  await expect(eventPartitions(database.db)).rejects.toMatchObject({ code: "PARTITION_UNKNOWN" });
});

test("whatever is there, what is missing covers the rest and overlaps with nothing", () => {
  const range = fc
    .tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 60 }))
    .map(([from, length]) => ({ from, to: from + length }));
  const disjoint = fc
    .array(range, { maxLength: 6 })
    .map((ranges) =>
      ranges
        .sort((a, b) => a.from - b.from)
        .filter((each, at, all) => all.slice(0, at).every(({ to }) => to < each.from)),
    );
  fc.assert(
    fc.property(disjoint, range, fc.integer({ min: 1, max: 70 }), (there, wanted, size) => {
      const all = [...there, ...missingRanges(there, wanted, size)];
      for (let seq = wanted.from; seq <= wanted.to; seq++) {
        expect(all.filter(({ from, to }) => from <= seq && seq <= to)).toHaveLength(1);
      }
      for (const [at, one] of all.entries()) {
        for (const other of all.slice(at + 1)) {
          expect(one.to < other.from || other.to < one.from).toBe(true);
        }
      }
    }),
  );
});
