import { beforeAll, expect, test, vi } from "vitest";
import { tenantPrefix, tenantsText } from "../../release/tenant.ts";
import type { ApiEnv } from "./environment.ts";
import { FakeKv } from "./fixtures/fake-kv.ts";
import { activated, smallRelease } from "./fixtures/small-release.ts";

let ask: typeof import("./fixtures/ask.ts");
beforeAll(async () => {
  // A bundle with a list of the deployment's own catalogue inside.
  const items = [
    { itemId: "secret", title: "A secret", categories: [], popularity: 1, year: null },
  ];
  vi.doMock("./fallback.json", () => ({ default: { release: "own", items } }));
  ask = await import("./fixtures/ask.ts");
});

const own = activated(smallRelease("own"));
const OF_ACME = tenantPrefix("acme");

function kvWith(tenants: readonly string[]): FakeKv {
  const values = new Map(own);
  for (const [key, value] of activated(smallRelease("of-acme"))) values.set(OF_ACME + key, value);
  values.set("tenants", new TextEncoder().encode(tenantsText(tenants)).buffer as ArrayBuffer);
  return new FakeKv(values);
}

test("a tenant's list comes from its own keys, the second time from memory", async () => {
  const kv = kvWith(["acme"]);
  const api = ask.apiOver(kv, { POINTER_REFRESH_SECONDS: "60" });
  const first = await api.fetch("/t/acme/recommend/u1");
  expect(first.headers.get("usher-release")).toBe("of-acme");
  expect(kv.reads.every((key) => key === "tenants" || key.startsWith(OF_ACME))).toBe(true);
  const reads = kv.reads.length;
  const second = await api.fetch("/t/acme/recommend/u1");
  expect(await second.text()).toBe(await first.text());
  expect(kv.reads.length).toBe(reads);
  expect((await api.fetch("/recommend/u1")).headers.get("usher-release")).toBe("own");
});

test("two catalogues with a release and keys of the same names are not mixed up in memory", async () => {
  const kv = kvWith(["acme", "beta"]);
  for (const [key, value] of activated(smallRelease("own", "beta-"))) {
    kv.values.set(tenantPrefix("beta") + key, value);
  }
  const api = ask.apiOver(kv, { POINTER_REFRESH_SECONDS: "60" });
  const listsOf = async (place: string) => (await api.fetch(`${place}/recommend/u1`)).text();
  for (let round = 0; round < 2; round++) {
    expect(await listsOf("/t/beta")).toContain("beta-");
    expect(await listsOf("")).not.toContain("beta-");
  }
});

test("a tenant is never answered with the list of the deployment's bundle", async () => {
  const kv = kvWith(["acme"]);
  kv.fault = (key) => (key === "tenants" ? null : "throws");
  const api = ask.apiOver(kv);
  expect(await (await api.fetch("/recommend/u1")).text()).toBe("secret");
  const answer = await api.fetch("/t/acme/recommend/u1");
  expect(answer.status).toBe(503);
  expect(await answer.text()).not.toContain("secret");
});

test("names that nobody added are answered 404, and nothing is read for them", async () => {
  const kv = kvWith(["acme"]);
  const api = ask.apiOver(kv);
  for (const path of [
    "/t/beta/recommend/u1",
    "/t/acme",
    "/t/",
    "/t/constructor/v1",
    "/t/ACME/v1",
  ]) {
    const answer = await api.fetch(path);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ title: "UNKNOWN_TENANT" });
  }
  expect(new Set(kv.reads)).toEqual(new Set(["tenants"]));
});

test("while KV does not tell which tenants there are, none is answered as another", async () => {
  const kv = kvWith(["acme"]);
  kv.fault = () => "throws";
  const answer = await ask.apiOver(kv).fetch("/t/acme/recommend/u1");
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ title: "TENANTS_UNREACHABLE" });
});

test("a late read of the tenants goes on behind the answer", async () => {
  const kv = kvWith(["acme"]);
  kv.fault = () => "hangs";
  const behind: Promise<unknown>[] = [];
  const answer = await ask.apiOver(kv, {}, behind).fetch("/t/acme/recommend/u1");
  expect(await answer.json()).toMatchObject({ title: "TENANTS_UNREACHABLE" });
  expect(behind).toHaveLength(1);
});

test("cached answers carry a tag of the tenant, and it alone is purged", async () => {
  const kv = kvWith(["acme"]);
  const api = ask.apiOver(kv, { KEYS_REQUIRED: "false" });
  const tagOf = async (path: string) => (await api.fetch(path)).headers.get("cache-tag");
  for (const path of ["/recommend/u1", "/v1/users/u1/recommendations", "/v1/items/i1"]) {
    // Twice: from KV, then from memory.
    for (let round = 0; round < 2; round++) {
      expect(await tagOf(`/t/acme${path}`)).toBe("tenant-acme.release-of-acme");
      expect(await tagOf(path)).toBe("release-own");
    }
  }
});

test("a tenant's calls are limited by key and together, and apart from everybody else's", async () => {
  const counted: string[] = [];
  const limit = (refused: string | null): RateLimit => ({
    limit: async ({ key }) => {
      counted.push(key);
      return { success: key !== refused };
    },
  });
  const api = ask.apiOver(kvWith(["acme"]), {
    KEYS_REQUIRED: "false",
    EVENTS_LIMIT: limit(null),
    TENANT_LIMIT: limit("tenant:acme"),
  } as Partial<ApiEnv>);
  const body = JSON.stringify({ userId: "u1", itemId: "i1", type: "view" });
  const headers = { "content-type": "application/json", "cf-connecting-ip": "192.0.2.1" };
  const answer = await api.fetch("/t/acme/v1/events", { method: "POST", headers, body });
  expect(answer.status).toBe(429);
  expect(counted).toEqual(["tenant:acme ip:192.0.2.1", "tenant:acme"]);
});

test("lines of the log say whose request it was", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const api = ask.apiOver(kvWith(["acme"]), { LOG_REQUESTS: "all", POINTER_REFRESH_SECONDS: "60" });
  for (const place of ["", "/t/acme"]) {
    // From KV, then from memory.
    for (let round = 0; round < 2; round++) await api.fetch(`${place}/recommend/u1`);
  }
  const lines = log.mock.calls.map(([line]) => JSON.parse(line as string) as { tenant?: string });
  expect(lines.map(({ tenant }) => tenant)).toEqual([undefined, undefined, "acme", "acme"]);
  log.mockRestore();
});
