import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTemporaryDatabase, type TemporaryDatabase } from "../local/temporary-database.ts";
import { trafficSince } from "./traffic.ts";
import { addTraffic, forgetTrafficFlushes, type NewTrafficFlush } from "./traffic-flushes.ts";

const NOON = Date.UTC(2026, 0, 1, 12);

let temporary: TemporaryDatabase;
beforeAll(async () => {
  temporary = await startTemporaryDatabase();
});
afterAll(() => temporary?.stop());
beforeEach(() => temporary.database.pool.query("truncate metrics_hourly, traffic_flushes"));

function flush(id: number, answers: number, change: Partial<NewTrafficFlush> = {}) {
  const flushId = `00000000-0000-4000-8000-${String(id).padStart(12, "0")}`;
  const labels = "release=r1,source=list";
  const counts = [{ name: "answers", labels, count: answers, sum: answers, min: 1, max: 1 }];
  return { flushId, flushedAt: NOON + id, counts, ...change };
}

async function answers(): Promise<number> {
  const [r1] = await trafficSince(temporary.database, new Date(NOON));
  return r1?.answers ?? 0;
}

test("a flush delivered twice counts once: in one batch, in two, and in two at once", async () => {
  const { database } = temporary;
  expect(await addTraffic(database, [flush(1, 5), flush(1, 5), flush(2, 7)])).toBe(2);
  expect(await addTraffic(database, [flush(2, 7), flush(3, 1)])).toBe(1);
  const at = [flush(4, 10), flush(5, 10), flush(6, 10)];
  const added = await Promise.all(
    Array.from({ length: 8 }, (_, turn) =>
      addTraffic(database, turn % 2 === 0 ? at : at.toReversed()),
    ),
  );
  expect(added.reduce((sum, count) => sum + count)).toBe(3);
  expect(await answers()).toBe(5 + 7 + 1 + 30);
});

test("what is measured keeps its sum, least and most; each hour has its own row", async () => {
  const took = (count: number, sum: number, min: number, max: number) => [
    { name: "latency_ms", labels: "route=/readyz", count, sum, min, max },
  ];
  await addTraffic(temporary.database, [
    flush(1, 0, { counts: took(2, 30, 10, 20) }),
    flush(2, 0, { counts: took(1, 4, 4, 4) }),
    flush(3, 0, { counts: took(1, 90, 90, 90), flushedAt: NOON + 3_600_000 }),
  ]);
  const { rows } = await temporary.database.pool.query(
    "select count::int, sum, min, max from metrics_hourly order by hour",
  );
  expect(rows).toEqual([
    { count: 3, sum: 34, min: 4, max: 20 },
    { count: 1, sum: 90, min: 90, max: 90 },
  ]);
});

test("ids are forgotten with time, what was counted is not", async () => {
  const { database } = temporary;
  await addTraffic(database, [flush(1, 5)]);
  await forgetTrafficFlushes(database, new Date(Date.now() - 60_000));
  expect(await addTraffic(database, [flush(1, 5)])).toBe(0);
  await forgetTrafficFlushes(database, new Date(Date.now() + 60_000));
  const { rows } = await database.pool.query("select count(*)::int as ids from traffic_flushes");
  expect(rows).toEqual([{ ids: 0 }]);
  expect(await answers()).toBe(5);
});
