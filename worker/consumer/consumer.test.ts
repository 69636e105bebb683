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
  cloud.withDatabase(({ pool }) => pool.query("truncate events, users, quarantine, dead_letters")),
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
