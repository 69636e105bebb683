import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type FaultyCloud, startFaultyCloud } from "../../local/faults/faulty-cloud.ts";
import { parkedIn } from "../../local/faults/parked-letters.ts";
import { redrive } from "../../trainer/import/redrive.ts";

let cloud: FaultyCloud;

beforeAll(async () => {
  cloud = await startFaultyCloud("sound");
});
afterAll(() => cloud?.stop());
beforeEach(() =>
  cloud.withDatabase(({ pool }) =>
    pool.query(
      "truncate events, event_ids, users, quarantine, dead_letters, metrics_hourly, traffic_flushes",
    ),
  ),
);

const meta = { v: 1, source: "api", receivedAt: 1_700_000_000_000 };

function event(eventId: string, change: Record<string, unknown> = {}) {
  const rest = { minutes: null, share: null, occurredAt: 1_700_000_000_000, requestId: null };
  return { eventId, userId: "ada", itemId: "1", type: "rate", value: 4, ...rest, ...change };
}

async function waitFor(table: string, count: number): Promise<Record<string, unknown>[]> {
  for (;;) {
    const { rows } = await cloud.withDatabase(({ pool }) => pool.query(`select * from ${table}`));
    if (rows.length >= count) return rows;
    await sleep(100);
  }
}

async function parkedKeys(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of parkedIn(cloud.workers.kv).list("dead/")) keys.push(key);
  return keys;
}

test("a poison event is quarantined with its reason, the others of its message are stored", async () => {
  await cloud.workers.send({ ...meta, events: [event("a"), event("b", { value: 7 }), event("c")] });
  const stored = await waitFor("events", 2);
  expect(stored.map((row) => row["event_id"])).toEqual(["a", "c"]);
  const [row] = await waitFor("quarantine", 1);
  expect(row).toMatchObject({ line: 2, reason: "value: 7 is outside 0.5..5" });
  expect(row?.["raw"]).toContain('"eventId":"b"');
});

test("a message that nobody can read waits whole, and comes back when it can be read", async () => {
  await cloud.workers.send({ v: 2, from: "a newer version" });
  const [letter] = await waitFor("dead_letters", 1);
  expect(letter).toMatchObject({ body: '{"v":2,"from":"a newer version"}', redriven_at: null });
  const parked = parkedIn(cloud.workers.kv);
  const redriveAll = () => cloud.withDatabase((database) => redrive(database, parked));
  expect(await redriveAll()).toMatchObject({ messages: 1, unreadable: 1, inserted: 0 });
  // As if this version were the one that can read it.
  const readable = JSON.stringify({ ...meta, events: [event("late")] });
  await cloud.withDatabase(({ pool }) =>
    pool.query("update dead_letters set body = $1", [readable]),
  );
  expect(await redriveAll()).toMatchObject({ messages: 1, unreadable: 0, inserted: 1 });
  expect(await redriveAll()).toMatchObject({ messages: 0 });
  expect(await waitFor("events", 1)).toMatchObject([{ event_id: "late" }]);
});

test("what the API counted is added up once, however often the queue delivers it", async () => {
  const answers = { name: "answers", labels: "release=r1,source=list", count: 5 };
  const flush = {
    v: 1,
    kind: "traffic",
    flushId: "5b7e1f7e-6d0d-4c39-9d57-0a2b7c1d9e10",
    flushedAt: 1_700_000_000_000,
    counts: [{ ...answers, sum: 5, min: 1, max: 1 }],
  };
  for (let time = 0; time < 3; time++) await cloud.workers.send(flush);
  await cloud.workers.send({ ...flush, flushId: "5b7e1f7e-6d0d-4c39-9d57-0a2b7c1d9e11" });
  await cloud.workers.send({ ...meta, events: [event("after")] });
  await waitFor("events", 1);
  await waitFor("traffic_flushes", 2);
  const [row] = await waitFor("metrics_hourly", 1);
  expect(row).toMatchObject({ name: "answers", labels: "release=r1,source=list", count: "10" });
});

test("what cannot be stored for too long waits in KV, and a redrive stores it once", async () => {
  await cloud.stopPostgres();
  for (const id of ["x", "y"]) await cloud.workers.send({ ...meta, events: [event(id)] });
  while ((await parkedKeys()).length < 2) await sleep(200);
  await cloud.startPostgres();
  expect(await waitFor("events", 0)).toEqual([]);
  const parked = parkedIn(cloud.workers.kv);
  const summary = await cloud.withDatabase((database) => redrive(database, parked));
  expect(summary).toMatchObject({ messages: 2, inserted: 2, duplicates: 0 });
  expect(await parkedKeys()).toEqual([]);
  expect(await waitFor("events", 2)).toHaveLength(2);
});

test("a database that comes back in time needs no redrive", async () => {
  await cloud.stopPostgres();
  await cloud.workers.send({ ...meta, events: [event("patient")] });
  await sleep(2_000);
  await cloud.startPostgres();
  expect(await waitFor("events", 1)).toMatchObject([{ event_id: "patient" }]);
  expect(await parkedKeys()).toEqual([]);
});
