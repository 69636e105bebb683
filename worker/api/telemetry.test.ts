import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { parseMessage } from "../../events/message.ts";
import type { TrafficMessage } from "../../events/traffic.ts";
import { POINTER_KEY } from "../../release/keys.ts";
import type { ApiEnv } from "./environment.ts";
import { apiOver } from "./fixtures/ask.ts";
import { FakeKv, type Fault } from "./fixtures/fake-kv.ts";
import { activated, pointerTo, smallRelease } from "./fixtures/small-release.ts";

const values = activated(smallRelease("r2"));
const before = smallRelease("r1", "old-");

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 10, 24, 12) });
});
afterEach(() => vi.useRealTimers());

/** The API with a queue that keeps what it is sent; `flushed` makes a flush due and gives its counts. */
function counting({
  stored = values,
  fault = () => null,
  ...change
}: {
  stored?: Map<string, ArrayBuffer>;
  fault?: (key: string) => Fault | null;
} & Partial<Record<keyof ApiEnv, unknown>> = {}) {
  const kv = new FakeKv(stored);
  kv.fault = fault;
  const sent: TrafficMessage[] = [];
  const EVENTS = {
    send: async (message: TrafficMessage) => void sent.push(message),
    sendBatch: async () => {},
  };
  const env = {
    EVENTS,
    TRAFFIC_FLUSH_SECONDS: "60",
    KEYS_REQUIRED: "false",
    EVENTS_LIMIT: { limit: async () => ({ success: true }) },
    LIVE_PROFILES: {
      getByName: () => ({ record: async () => ({ erased: false, known: [] }) }),
    },
    ...change,
  };
  const api = apiOver(kv, env as unknown as Partial<ApiEnv>);
  const ask = async (path: string, times = 1) => {
    for (let time = 0; time < times; time++) await (await api.fetch(path)).text();
  };
  const flushed = async () => {
    const already = sent.length;
    vi.setSystemTime(Date.now() + 61_000);
    await ask("/healthz");
    expect(sent).toHaveLength(already + 1);
    const { counts } = sent.at(-1)!;
    return Object.fromEntries(
      counts
        .filter(({ name }) => !name.startsWith("latency_"))
        .map(({ name, labels, count }) => [`${name} ${labels}`, count]),
    );
  };
  return { api, ask, sent, flushed };
}

test("answers are counted by release and source, and leave in one message a minute", async () => {
  const { ask, sent, flushed } = counting();
  await ask("/recommend/u1", 3);
  await ask("/v1/users/u1/recommendations");
  await ask("/recommend/nobody", 2);
  await ask("/v1/trending");
  await ask("/v1/users/u1/recommendations?limit=none");
  expect(sent).toEqual([]);
  expect(await flushed()).toEqual({
    "answers release=r2,source=list": 4,
    "answers release=r2,source=trending": 2,
  });
  expect(parseMessage(JSON.parse(JSON.stringify(sent[0])))).toMatchObject({ ok: true });
  await ask("/recommend/u1");
  expect(await flushed()).toEqual({ "answers release=r2,source=list": 1 });
  expect(sent[0]?.flushId).not.toBe(sent[1]?.flushId);
});

test("a warm isolate that answers nothing but lists sends its counts too", async () => {
  const { ask, sent } = counting();
  await ask("/recommend/u1", 5);
  vi.setSystemTime(Date.now() + 61_000);
  await ask("/recommend/u1");
  expect(sent[0]?.counts).toContainEqual({
    name: "answers",
    labels: "release=r2,source=list",
    count: 5,
    sum: 5,
    min: 1,
    max: 1,
  });
});

test("an answer of another release is a fallback of the one that should have answered", async () => {
  const stored = new Map([...before.values, ...values]);
  stored.set(POINTER_KEY, pointerTo("r2", "r1"));
  const fault = (key: string) => (key.startsWith("r/r2/") ? "missing" : null);
  const { ask, flushed } = counting({ stored, fault });
  await ask("/recommend/u1", 2);
  expect(await flushed()).toEqual({
    "answers release=r2,source=fallback": 2,
    "degraded release=r2": 2,
  });
});

test("a request that fails counts for the release that should have answered it", async () => {
  const { ask, flushed } = counting({ fault: (key) => (key === POINTER_KEY ? null : "missing") });
  await ask("/recommend/u1", 2);
  await ask("/readyz");
  expect(await flushed()).toEqual({
    "answers release=r2,source=none": 2,
    "errors release=r2,route=/recommend/:userId": 2,
    "errors route=/readyz": 1,
  });
});

test("clicks and ratings just made count for the release of their user, once", async () => {
  const { api, flushed } = counting();
  const event = { userId: "u1", itemId: "i1" };
  const body = JSON.stringify([
    { ...event, type: "click", eventId: "a" },
    { ...event, type: "click", eventId: "a" },
    { ...event, type: "rate", value: 4 },
    { ...event, type: "rate", value: 3, occurredAt: "2026-11-01T00:00:00Z" },
    { ...event, type: "view" },
    { ...event, type: "no such type" },
  ]);
  expect((await api.fetch("/v1/events", { method: "POST", body })).status).toBe(202);
  expect(await flushed()).toEqual({
    "clicks release=r2": 1,
    "ratings release=r2": 1,
    "events verdict=accepted": 4,
    "events verdict=duplicate": 1,
    "events verdict=rejected": 1,
  });
});

test("a queue that is away costs the counts, not the answers", async () => {
  const send = async () => {
    throw new Error("the queue is away");
  };
  const { api, ask } = counting({ EVENTS: { send } });
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  await ask("/recommend/u1", 2);
  vi.setSystemTime(Date.now() + 61_000);
  expect((await api.fetch("/recommend/u1")).status).toBe(200);
  expect((await api.fetch("/healthz")).status).toBe(200);
  expect(logged).toHaveBeenCalledWith('{"telemetry":"not sent","error":"the queue is away"}');
  logged.mockRestore();
});

test("where Analytics Engine is bound it is given a data point a release", async () => {
  const points: unknown[] = [];
  const TELEMETRY = { writeDataPoint: (point: unknown) => points.push(point) };
  const { ask, flushed } = counting({ TELEMETRY });
  await ask("/recommend/u1", 3);
  await ask("/recommend/nobody");
  await flushed();
  expect(points).toEqual([{ indexes: ["r2"], blobs: ["r2"], doubles: [3, 0, 1, 0, 0, 0, 0, 0] }]);
});
