import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { insertEvents } from "../../../drizzle/events.ts";
import { startTestCloud, type TestCloud } from "../../../test/cloud.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud?.stop());

const ask = async (method: string, path: string, body?: unknown) => {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(cloud.api + path, init);
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
};

async function storedEvents(userId: string): Promise<number> {
  const { rows } = await cloud.database.pool.query(
    "select count(*)::int as count from events where user_id = $1",
    [userId],
  );
  return (rows[0] as { count: number }).count;
}

async function sendAndStore(userId: string, itemId: string): Promise<void> {
  const before = await storedEvents(userId);
  await ask("POST", "/v1/events", { userId, itemId, type: "rate", value: 4 });
  while ((await storedEvents(userId)) === before) await sleep(50);
}

test("an export holds the user's events from every store, and nobody else's", async () => {
  await sendAndStore("ada", "1");
  await sendAndStore("grace", "2");
  const { status, answer } = await ask("GET", "/v1/users/ada/export");
  expect(status).toBe(200);
  expect(answer).toMatchObject({
    userId: "ada",
    database: { user: { user_id: "ada" }, events: [{ item_id: "1", value: 4 }], quarantined: [] },
    liveProfile: { events: [{ itemId: "1", type: "rate", value: 4 }] },
    releases: [],
  });
  expect(JSON.stringify(answer)).not.toContain("grace");
});

test("an erased user is nowhere, and neither a call nor a replay brings them back", async () => {
  await sendAndStore("alan", "1");
  const history = {
    eventId: "old",
    userId: "alan",
    itemId: "1",
    type: "view" as const,
    value: null,
    minutes: null,
    share: null,
    occurredAt: 1_700_000_000_000,
    requestId: null,
  };
  const { status, answer } = await ask("DELETE", "/v1/users/alan");
  expect(status).toBe(200);
  expect(answer["done"]).toMatchObject([
    { store: "database", rows: { events: 1, users: 1 } },
    { store: "live profile", events: 1 },
    { store: "served lists" },
    { store: "intake" },
  ]);
  expect(answer["pending"]).toHaveLength(3);

  expect((await ask("GET", "/v1/users/alan/export")).answer).toMatchObject({
    database: { user: null, events: [] },
    liveProfile: { events: [] },
  });
  const refused = await ask("POST", "/v1/events", { userId: "alan", itemId: "2", type: "view" });
  expect(refused.answer).toMatchObject({
    rejected: 1,
    verdicts: [{ status: "rejected", reason: "userId: this user was erased" }],
  });
  expect(await insertEvents(cloud.database, [history], "replay")).toEqual({ inserted: 0 });
  await sleep(2_500);
  expect(await storedEvents("alan")).toBe(0);
  const users = await cloud.database.pool.query("select user_id from users order by 1");
  expect(users.rows.map((row) => row.user_id)).not.toContain("alan");
});

test("the export of 50,000 events is whole", async () => {
  await cloud.database.pool.query(
    `insert into events (event_id, user_id, item_id, type, value, occurred_at, source)
     select 'many-' || n, 'maria', 'item-' || n, 'rate', 4, now(), 'test'
     from generate_series(1, 50000) as n`,
  );
  const { status, answer } = await ask("GET", "/v1/users/maria/export");
  expect(status).toBe(200);
  const { events } = answer["database"] as { events: { item_id: string }[] };
  expect(events).toHaveLength(50_000);
  expect(new Set(events.map(({ item_id }) => item_id)).size).toBe(50_000);
});

test("what could not be stored about a user goes with them, what is about others stays", async () => {
  const { pool } = cloud.database;
  await pool.query("truncate quarantine, dead_letters");
  await pool.query(
    `insert into quarantine (source, line, raw, reason) values
       ('import:course-stream/log.txt', 1, 'yesterday,rosa,GET /rate/heat+1995=3', 'x'),
       ('import:course-stream/log.txt', 2, 'yesterday,rosalind,GET /rate/rosa=3', 'x'),
       ('queue:m1', 1, '{"userId":"rosa","itemId":"1","value":9}', 'x')`,
  );
  const letter = { v: 9, events: [{ userId: "rosa" }, { userId: "rosalind" }] };
  await pool.query(
    "insert into dead_letters (message_id, body, reason) values ('m1', $1, 'x'), ('m2', $2, 'x')",
    [JSON.stringify(letter), JSON.stringify({ v: 9, events: [{ userId: "rosa" }] })],
  );
  const held = (await ask("GET", "/v1/users/rosa/export")).answer["database"];
  expect(held).toMatchObject({ quarantined: [{ line: 1 }, { line: 1 }], deadLetters: [{}, {}] });

  const { answer } = await ask("DELETE", "/v1/users/rosa");
  expect(answer["done"]).toMatchObject([
    { rows: { quarantined: 2, letters: 1, letterEvents: 2 } },
    {},
    {},
    {},
  ]);
  expect((await pool.query("select line from quarantine")).rows).toEqual([{ line: 2 }]);
  const left = await pool.query("select message_id, body from dead_letters");
  expect(left.rows).toEqual([
    { message_id: "m1", body: JSON.stringify({ v: 9, events: [{ userId: "rosalind" }] }) },
  ]);
});

test("erasing again gives a receipt again, with the time of the first request", async () => {
  await sendAndStore("kurt", "1");
  const first = await ask("DELETE", "/v1/users/kurt");
  const again = await ask("DELETE", "/v1/users/kurt");
  expect(again.status).toBe(200);
  expect(again.answer["requestedAt"]).toBe(first.answer["requestedAt"]);
});

test("an insert under way when a user is erased does not bring them back", async () => {
  const writer = await cloud.database.pool.connect();
  await writer.query("begin");
  await writer.query(
    "insert into events (event_id, user_id, item_id, type, occurred_at, source) values ('late', 'emmy', 'x', 'view', now(), 'test')",
  );
  const erasing = ask("DELETE", "/v1/users/emmy");
  await sleep(300);
  await writer.query("commit");
  writer.release();
  expect((await erasing).answer["done"]).toMatchObject([{ rows: { events: 1 } }, {}, {}, {}]);
  expect(await storedEvents("emmy")).toBe(0);
});
