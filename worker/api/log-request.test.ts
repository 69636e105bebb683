import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ApiEnv } from "./environment.ts";
import { apiOver } from "./fixtures/ask.ts";
import { FakeKv } from "./fixtures/fake-kv.ts";
import { activated, smallRelease } from "./fixtures/small-release.ts";

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
});
afterEach(() => vi.restoreAllMocks());

function api(LOG_REQUESTS: string) {
  const kv = new FakeKv(activated(smallRelease("r2")));
  const more = {
    EVENTS: { send: async () => {}, sendBatch: async () => {} },
    KEYS_REQUIRED: "false",
    EVENTS_LIMIT: { limit: async () => ({ success: true }) },
    LIVE_PROFILES: { getByName: () => ({ record: async () => ({ erased: false, known: [] }) }) },
  };
  return apiOver(kv, { LOG_REQUESTS, ...more } as unknown as Partial<ApiEnv>);
}

test("lists from memory have a line only where all are asked for", async () => {
  for (const [logged, expected] of [
    ["computed", 1],
    ["all", 3],
    ["errors", 0],
  ] as const) {
    lines.length = 0;
    const { fetch } = api(logged);
    for (let time = 0; time < 3; time++) await fetch("/recommend/u1");
    expect(lines.map((line) => JSON.parse(line).route)).toEqual(
      Array.from({ length: expected }, () => "/recommend/:userId"),
    );
  }
});

test("a 5xx has a line whatever is asked for", async () => {
  const broken = apiOver(new FakeKv(new Map()), { LOG_REQUESTS: "errors" } as Partial<ApiEnv>);
  expect((await broken.fetch("/readyz")).status).toBe(503);
  expect(JSON.parse(lines[0]!)).toMatchObject({ route: "/readyz", status: 503 });
});

test("ids of events are named unless they may name a person, and no user is", async () => {
  const uuid = "0b7e1c52-6d3a-4a51-9c7e-2f0d2f4f9a11";
  const body = JSON.stringify([
    { userId: "zoe", itemId: "i1", type: "click", eventId: "zoe@example.com" },
    { userId: "zoe", itemId: "i1", type: "click", eventId: uuid },
  ]);
  await api("computed").fetch("/v1/events", { method: "POST", body });
  expect(JSON.parse(lines[0]!).events).toEqual({
    ...{ accepted: 2, duplicates: 0, rejected: 0, eventIds: [uuid] },
  });
  expect(lines.join()).not.toContain("zoe");
});
