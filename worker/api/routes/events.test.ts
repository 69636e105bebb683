import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { LocalCloud } from "../../../local/cloud.ts";
import { startTestCloud } from "../../../test/cloud.ts";

let cloud: LocalCloud;

beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud?.stop());

/** Each test has a user of its own: the queue may still bring what the one before has sent. */
let userId = "";
let rating: Record<string, unknown> = {};
beforeEach(() => {
  userId = crypto.randomUUID();
  rating = { userId, itemId: "1193", type: "rate", value: 4.5 };
});

async function post(body: unknown, headers: Record<string, string> = {}) {
  const sent = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
  const response = await fetch(`${cloud.api}/v1/events`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: sent as BodyInit,
  });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}

/** Waits until the queue has brought so many events of the user into Postgres. */
async function stored(count: number, user = userId): Promise<Record<string, unknown>[]> {
  const query = "select * from events where user_id = $1 order by seq";
  for (;;) {
    const { rows } = await cloud.database.pool.query(query, [user]);
    if (rows.length >= count) return rows;
    await sleep(50);
  }
}

test("every type of event arrives in Postgres, in the order of the call", async () => {
  const events = [
    rating,
    { userId, itemId: "2", type: "play", minutes: 45, share: 0.4 },
    { userId, itemId: "3", type: "click" },
    { userId, itemId: "4", type: "view", requestId: "r-1" },
    { userId, itemId: "1193", type: "remove" },
  ];
  const { status, answer } = await post({ events });
  expect(status).toBe(202);
  expect(answer).toMatchObject({ accepted: 5, duplicates: 0, rejected: 0 });
  expect((await stored(5)).map((row) => row["type"])).toEqual(events.map(({ type }) => type));
});

test("each event has its verdict: accepted, duplicate, rejected with its reason", async () => {
  const known = { ...rating, eventId: `${userId}-known` };
  const first = await post(known);
  expect(first.answer).toMatchObject({ accepted: 1, verdicts: [{ status: "accepted" }] });
  const twice = { ...rating, eventId: `${userId}-twice` };
  const { status, answer } = await post([known, twice, twice, { ...rating, value: 11 }, rating]);
  expect(status).toBe(202);
  expect(answer).toMatchObject({ accepted: 2, duplicates: 2, rejected: 1 });
  expect(answer["verdicts"]).toMatchObject([
    { index: 0, status: "duplicate", eventId: known.eventId },
    { index: 1, status: "accepted", eventId: twice.eventId },
    { index: 2, status: "duplicate", eventId: twice.eventId },
    { index: 3, status: "rejected", reason: "value: 11 is outside 0.5..5" },
    { index: 4, status: "accepted" },
  ]);
  await sleep(1500);
  expect(await stored(3)).toHaveLength(3);
});

test("a body replayed as a whole changes nothing", async () => {
  const call = { events: [{ ...rating, occurredAt: 1_700_000_000_000 }] };
  const first = await post(call);
  const again = await post(call);
  expect(again.answer).toMatchObject({ accepted: 0, duplicates: 1 });
  const idOf = (answer: Record<string, unknown>) =>
    (answer["verdicts"] as { eventId: string }[])[0]?.eventId;
  expect(idOf(again.answer)).toBe(idOf(first.answer));
  await sleep(1500);
  expect(await stored(1)).toHaveLength(1);
});

test("a call about few users answers with a cursor, a bulk load without one", async () => {
  const bulk = Array.from({ length: 51 }, (_, i) => ({ ...rating, userId: `user-${i}` }));
  expect((await post(bulk.slice(0, 50))).answer["cursor"]).toMatch(/^[0-9a-z]+-[0-9a-f]{8}$/);
  const { answer } = await post(bulk);
  expect(answer).toMatchObject({ accepted: 51, cursor: null });
});

test("a compressed body is read, and what it unpacks to is what counts", async () => {
  const gzip = { "content-encoding": "gzip" };
  expect((await post(gzipSync(JSON.stringify(rating)), gzip)).status).toBe(202);
  const bomb = gzipSync(Buffer.alloc(200_000_000));
  expect(bomb.length).toBeLessThan(250_000);
  const refused = await post(bomb, gzip);
  expect(refused).toMatchObject({ status: 413, answer: { title: "BODY_TOO_LARGE" } });
  const truncated = await post(gzipSync(JSON.stringify(rating)).subarray(0, 30), gzip);
  expect(truncated).toMatchObject({ status: 400, answer: { title: "MALFORMED_BODY" } });
  const twice = await post(gzipSync("{}"), { "content-encoding": "gzip, gzip" });
  expect(twice).toMatchObject({ status: 415, answer: { title: "UNKNOWN_ENCODING" } });
});

test.each([
  ["{", 400, "MALFORMED_JSON"],
  [new Uint8Array([0x22, 0xff, 0x22]), 400, "NOT_UTF8"],
  ["[]", 400, "NO_EVENTS"],
  ["7", 400, "NOT_AN_EVENT"],
  [`"${"x".repeat(1_000_001)}"`, 413, "BODY_TOO_LARGE"],
  [JSON.stringify(Array.from({ length: 1001 }, () => ({}))), 413, "TOO_MANY_EVENTS"],
  [
    JSON.stringify({ userId: "ada", itemId: "1", type: "rate", value: 11 }),
    422,
    "NO_EVENT_ACCEPTED",
  ],
  ['{"__proto__":{"userId":"ada","itemId":"1","type":"view"}}', 422, "NO_EVENT_ACCEPTED"],
  ['{"constructor":{"prototype":{"type":"view"}}}', 422, "NO_EVENT_ACCEPTED"],
  [
    JSON.stringify({ userId: "x".repeat(10_000), itemId: "1", type: "view" }),
    422,
    "NO_EVENT_ACCEPTED",
  ],
])("what cannot be taken is refused with the right status: %.60s", async (body, status, title) => {
  expect(await post(body)).toMatchObject({ status, answer: { title, status } });
});

test("SQL in ids is an id like any other", async () => {
  const user = "'; drop table events; --";
  await post({ ...rating, userId: user, itemId: "$1) or 1=1" });
  const [row] = await stored(1, user);
  expect(row).toMatchObject({ user_id: user, item_id: "$1) or 1=1" });
});

test("nothing that a call holds is written into the logs", async () => {
  await post({ ...rating, itemId: "a-secret-item" }, { "x-api-key": "usher_secret" });
  await post('{"itemId":"a-secret-item",', { authorization: "Bearer usher_secret" });
  await stored(1);
  const log = await readFile(path.join(cloud.home.logs, "workers.ndjson"), "utf8");
  expect(log).toContain("usher-events");
  expect(log).not.toContain(userId);
  expect(log).not.toMatch(/a-secret-item|usher_secret/);
});
