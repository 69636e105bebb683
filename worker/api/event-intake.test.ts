import { expect, test } from "vitest";
import { QUEUE_MESSAGE_BYTES, QUEUE_SEND_BATCH_BYTES } from "../../release/limits.ts";
import type { ApiEnv } from "./environment.ts";
import { apiOver } from "./fixtures/ask.ts";
import { FakeKv } from "./fixtures/fake-kv.ts";
import { activated, smallRelease } from "./fixtures/small-release.ts";

const values = activated(smallRelease("r1"));

/** The API with an intake whose parts can be made to fail. */
function intake(change: Partial<Record<keyof ApiEnv, unknown>> = {}) {
  const sent: unknown[] = [];
  const limits: string[] = [];
  const env = {
    KEYS_REQUIRED: "false",
    UNKNOWN_ITEMS: "accept",
    EVENTS: { sendBatch: async (batch: unknown[]) => void sent.push(...batch) },
    EVENTS_LIMIT: {
      limit: async ({ key }: { key: string }) => {
        limits.push(key);
        return { success: true };
      },
    },
    LIVE_PROFILES: {
      getByName: () => ({ record: async () => ({ erased: false, known: [] }) }),
    },
    ...change,
  };
  const api = apiOver(new FakeKv(values), env as unknown as Partial<ApiEnv>);
  const post = async (body: unknown) => {
    const headers = { "cf-connecting-ip": "203.0.113.7" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    const response = await api.fetch("/v1/events", init);
    const answer = (await response.json()) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, answer };
  };
  return { post, sent, limits };
}

const view = { userId: "u1", itemId: "i1", type: "view" };

test("a caller beyond the limit is told when to come again, and nothing is taken", async () => {
  const limited = { limit: async () => ({ success: false }) };
  const { post, sent } = intake({ EVENTS_LIMIT: limited });
  const { status, headers, answer } = await post(view);
  expect([status, answer["title"]]).toEqual([429, "TOO_MANY_CALLS"]);
  expect(headers.get("retry-after")).toBe("60");
  expect(sent).toEqual([]);
});

test("without keys, callers are counted by their address", async () => {
  const { post, limits } = intake();
  await post(view);
  expect(limits).toEqual(["ip:203.0.113.7"]);
});

test("unknown items are taken or refused, as configured", async () => {
  const events = [view, { ...view, itemId: "never heard of" }];
  expect((await intake().post(events)).answer).toMatchObject({ accepted: 2 });
  const { answer } = await intake({ UNKNOWN_ITEMS: "refuse" }).post(events);
  expect(answer).toMatchObject({
    accepted: 1,
    rejected: 1,
    verdicts: [
      { status: "accepted" },
      { status: "rejected", reason: expect.stringContaining("unknown items are refused") },
    ],
  });
});

test("a queue that is away refuses the call, so that it is sent again", async () => {
  const queue = {
    sendBatch: async () => {
      throw new Error("the queue is away");
    },
  };
  const { status, headers } = await intake({ EVENTS: queue }).post(view);
  expect([status, headers.get("retry-after")]).toEqual([503, "5"]);
});

test.each([
  ["ASCII", "x"],
  ["three bytes a letter", "映"],
])("no batch is larger than the queue takes, with ids in %s", async (_, letter) => {
  const sizes: number[] = [];
  const bytesOf = ({ body }: { body: unknown }) => Buffer.byteLength(JSON.stringify(body));
  const sendBatch = async (batch: { body: unknown }[]) => {
    expect(Math.max(...batch.map(bytesOf))).toBeLessThan(QUEUE_MESSAGE_BYTES);
    sizes.push(batch.reduce((sum, message) => sum + bytesOf(message), 0));
  };
  const id = letter.repeat(Math.floor(125 / Buffer.byteLength(letter)));
  const events = Array.from({ length: 430 }, (_, at) => {
    const eventId = `${id}${at}`;
    return { eventId, userId: id, itemId: id, requestId: id, type: "rate", value: 4.5 };
  });
  for (let count = 370; count <= events.length; count += 2) {
    const { status } = await intake({ EVENTS: { sendBatch } }).post(events.slice(0, count));
    expect(status).toBe(202);
  }
  expect(Math.max(...sizes)).toBeLessThan(QUEUE_SEND_BATCH_BYTES);
});

test("a live profile that fails or hangs costs the cursor, not the events", async () => {
  const failing = { getByName: () => ({ record: () => Promise.reject(new Error("gone")) }) };
  const hanging = { getByName: () => ({ record: () => new Promise(() => {}) }) };
  for (const LIVE_PROFILES of [failing, hanging]) {
    const { post, sent } = intake({ LIVE_PROFILES });
    const { status, answer } = await post(view);
    expect(status).toBe(202);
    expect(answer).toMatchObject({ accepted: 1, cursor: null });
    expect(sent).toHaveLength(1);
  }
});

test("without any key configured a deployed service takes nothing", async () => {
  const { post, sent } = intake({ KEYS_REQUIRED: "true" });
  expect((await post(view)).status).toBe(401);
  expect(sent).toEqual([]);
});

test("a broken secret is named by its place, without what stands in it", async () => {
  const API_KEYS = '[{"name":"shop","sha256":"usher_secret","scopes":["events"]}]';
  const { status, answer } = await intake({ API_KEYS }).post(view);
  expect([status, answer["title"]]).toEqual([503, "API_KEYS_INVALID"]);
  expect(JSON.stringify(answer)).not.toContain("usher_secret");
});
