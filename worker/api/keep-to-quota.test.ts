import { expect, test, vi } from "vitest";
import { OVER_QUOTA_KEY, TENANTS_KEY } from "../../release/keys.ts";
import { type DailyQuota, dayOf, overQuotaText } from "../../release/quota.ts";
import { tenantPrefix, tenantsText } from "../../release/tenant.ts";
import type { ApiEnv } from "./environment.ts";
import { apiOver } from "./fixtures/ask.ts";
import { FakeKv } from "./fixtures/fake-kv.ts";
import { activated, smallRelease } from "./fixtures/small-release.ts";

const DAY_MS = 86_400_000;
const LIMITED = new Map(["acme", "beta"].map((name) => [name, { eventsADay: 5, answersADay: 5 }]));

/** Two tenants and the deployment's own, of which acme has used up `over` on a day. */
function kvWith(over: readonly DailyQuota[], at = Date.now(), quotas = LIMITED): FakeKv {
  const values = new Map(activated(smallRelease("own")));
  for (const tenant of LIMITED.keys()) {
    for (const [key, value] of activated(smallRelease(`of-${tenant}`))) {
      values.set(tenantPrefix(tenant) + key, value);
    }
  }
  const kv = new FakeKv(values);
  put(kv, TENANTS_KEY, tenantsText([...LIMITED.keys()], quotas));
  put(kv, OVER_QUOTA_KEY, overQuotaText({ day: dayOf(at), over: new Map([["acme", over]]) }));
  return kv;
}

function put(kv: FakeKv, key: string, text: string): void {
  kv.values.set(key, new TextEncoder().encode(text).buffer as ArrayBuffer);
}

function apiWith(kv: FakeKv, vars: Partial<ApiEnv> = {}) {
  const limit: RateLimit = { limit: async () => ({ success: true }) };
  const limits = { EVENTS_LIMIT: limit, TENANT_LIMIT: limit };
  return apiOver(kv, { KEYS_REQUIRED: "false", POINTER_REFRESH_SECONDS: "60", ...limits, ...vars });
}

const ANSWERS = [
  "/recommend/u1",
  "/recommend/%751",
  "/v1/users/u1/recommendations",
  "/v1/items?search=a",
  "/v1/%69tems/i1",
  "/v1/items/i1/similar",
  "/v1/trending",
];
const EVENT = {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ userId: "u1", itemId: "i1", type: "view" }),
};

test("whoever used up its answers is refused until the day ends, and told so; nobody else is", async () => {
  vi.useFakeTimers({ now: Date.parse("2026-11-30T23:00:00.000Z"), toFake: ["Date"] });
  try {
    const api = apiWith(kvWith(["answers"]));
    for (const path of ANSWERS) {
      const answer = await api.fetch(`/t/acme${path}`);
      expect([path, answer.status]).toEqual([path, 429]);
      expect(answer.headers.get("retry-after")).toBe("3600");
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(await answer.json()).toMatchObject({
        title: "QUOTA_USED_UP",
        detail: expect.stringContaining("00:00 UTC"),
        quota: "answers",
        until: "2026-12-01T00:00:00.000Z",
      });
      for (const place of ["", "/t/beta"]) {
        expect([path, (await api.fetch(place + path)).status]).toEqual([path, 200]);
      }
    }
    vi.setSystemTime(Date.parse("2026-12-01T00:00:00.000Z"));
    expect((await api.fetch("/t/acme/recommend/u1")).status).toBe(200);
  } finally {
    vi.useRealTimers();
  }
});

test("lists that an isolate holds in memory are refused as well", async () => {
  vi.useFakeTimers({ now: Date.parse("2026-11-30T12:00:00.000Z"), toFake: ["Date"] });
  try {
    const kv = kvWith([]);
    const api = apiWith(kv);
    for (let time = 0; time < 2; time++) {
      expect((await api.fetch("/t/acme/recommend/u1")).status).toBe(200);
    }
    const over = new Map([["acme", ["answers"] as const]]);
    put(kv, OVER_QUOTA_KEY, overQuotaText({ day: "2026-11-30", over }));
    vi.setSystemTime(Date.now() + 31_000);
    // The answer behind which the key is read again.
    await api.fetch("/t/acme/recommend/u1");
    const status = async () => (await api.fetch("/t/acme/recommend/u1")).status;
    await vi.waitFor(async () => expect(await status()).toBe(429));
  } finally {
    vi.useRealTimers();
  }
});

test("whoever used up its events still answers, and the other way round", async () => {
  const sent: unknown[] = [];
  const send = async (body: unknown) => sent.push(body);
  const events = apiWith(kvWith(["events"]), { EVENTS: { send } as unknown as Queue });
  for (const path of ["/t/acme/v1/events", "/t/acme/v1/%65vents"]) {
    const refused = await events.fetch(path, EVENT);
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ title: "QUOTA_USED_UP", quota: "events" });
  }
  expect(sent).toEqual([]);
  for (const path of ANSWERS) expect((await events.fetch(`/t/acme${path}`)).status).toBe(200);
});

test("what operators, monitors and browsers ask beside is not refused", async () => {
  const api = apiWith(kvWith(["answers", "events"]), { CORS_ORIGINS: "*" });
  for (const path of ["/healthz", "/readyz", "/v1", "/openapi.json"]) {
    expect([path, (await api.fetch(`/t/acme${path}`)).status]).toEqual([path, 200]);
  }
  const preflight = await api.fetch("/t/acme/v1/events", { method: "OPTIONS" });
  expect(preflight.status).toBe(204);
  const refused = await api.fetch("/t/acme/recommend/u1");
  expect(refused.headers.get("access-control-allow-origin")).toBe("*");
});

test("where KV does not tell who is over, or says so of another day, nobody is refused", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const away = kvWith(["answers"]);
  away.fault = (key) => (key === OVER_QUOTA_KEY ? "throws" : null);
  const damaged = kvWith(["answers"]);
  put(damaged, OVER_QUOTA_KEY, "not a list");
  const yesterday = kvWith(["answers"], Date.now() - DAY_MS);
  for (const kv of [away, damaged, yesterday]) {
    expect((await apiWith(kv).fetch("/t/acme/recommend/u1")).status).toBe(200);
  }
  log.mockRestore();
});

test("without quotas the key is not read, whatever it says", async () => {
  const kv = kvWith(["answers"], Date.now(), new Map());
  const api = apiWith(kv);
  expect((await api.fetch("/t/acme/recommend/u1")).status).toBe(200);
  expect(kv.reads).not.toContain(OVER_QUOTA_KEY);
});
