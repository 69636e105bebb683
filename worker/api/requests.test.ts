/** HTTP as clients speak it, and as they get it wrong. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { apiOver } from "./fixtures/ask.ts";
import { FakeKv } from "./fixtures/fake-kv.ts";
import { activated, smallRelease } from "./fixtures/small-release.ts";

const values = activated(smallRelease("r1"), { trending: ["i200"] });
const api = apiOver(new FakeKv(values));
const GETS = [
  "/v1",
  "/healthz",
  "/readyz",
  "/openapi.json",
  "/recommend/u1",
  "/v1/users/u1/recommendations?limit=3",
  "/v1/items?search=the",
  "/v1/items/i1",
  "/v1/items/i1/similar",
  "/v1/trending",
];

test.each(GETS)("HEAD %s answers as GET does, without the body", async (path) => {
  const [get, head] = await Promise.all([api.fetch(path), api.fetch(path, { method: "HEAD" })]);
  expect(get.status).toBe(200);
  expect(head.status).toBe(200);
  expect(await head.text()).toBe("");
  expect((await get.text()).length).toBeGreaterThan(0);
  expect(head.headers.get("etag")).toBe(get.headers.get("etag"));
  expect(head.headers.get("content-type")).toBe(get.headers.get("content-type"));
});

test.each(GETS.slice(4))("%s need not be sent to whoever holds it", async (path) => {
  const etag = (await api.fetch(path)).headers.get("etag")!;
  for (const held of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
    const answer = await api.fetch(path, { headers: { "if-none-match": held } });
    expect(answer.status).toBe(304);
    expect(await answer.text()).toBe("");
    expect(answer.headers.get("etag")).toBe(etag);
  }
  const other = await api.fetch(path, { headers: { "if-none-match": '"other"' } });
  expect(other.status).toBe(200);
});

describe("pages of other origins", () => {
  const allowing = (origins: string) => apiOver(new FakeKv(values), { CORS_ORIGINS: origins });
  const from = (origin: string) => ({ headers: { origin } });
  const allowed = async (origins: string, origin: string) =>
    (await allowing(origins).fetch("/recommend/u1", from(origin))).headers.get(
      "access-control-allow-origin",
    );

  test("may read answers as configured", async () => {
    expect(await allowed("*", "https://a.test")).toBe("*");
    expect(await allowed("https://a.test", "https://b.test")).toBe("https://a.test");
    expect(await allowed("https://a.test, https://b.test/", "https://b.test")).toBe(
      "https://b.test",
    );
    expect(await allowed("https://a.test, https://b.test", "https://c.test")).toBeNull();
    expect(await allowed("", "https://a.test")).toBeNull();
  });

  test("keep shared caches out where the answer depends on who asks", async () => {
    const several = await allowing("https://a.test,https://b.test").fetch("/recommend/u1");
    expect(several.headers.get("cache-control")).toMatch(/^private/);
    expect(several.headers.get("vary")).toBe("origin");
    const one = await allowing("https://a.test").fetch("/recommend/u1");
    expect(one.headers.get("cache-control")).toMatch(/^public/);
  });

  test("are told what they may send, and read refusals too", async () => {
    const preflight = await allowing("*").fetch("/v1/recommendations", {
      method: "OPTIONS",
      headers: { origin: "https://a.test", "access-control-request-method": "POST" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-methods")).toContain("POST");
    expect(preflight.headers.get("access-control-allow-headers")).toContain("content-type");
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    const refusal = await allowing("*").fetch("/nowhere", from("https://a.test"));
    expect(refusal.status).toBe(404);
    expect(refusal.headers.get("access-control-allow-origin")).toBe("*");
  });
});

describe("a parameter that cannot be", () => {
  test.each([
    ["limit=0", "limit: it takes a whole number of 1 to 100."],
    ["limit=101", "limit: "],
    ["limit=abc", "limit: it takes a whole number of 1 to 100."],
    ["limit=", "limit: "],
    ["limit=5&limit=6", "limit: it takes one value."],
    ["diversity=2", "diversity: it takes a number of 0 to 1."],
    ["explain=yes", "explain: it takes true or false."],
    ["yearFrom=0", "yearFrom: "],
    ["minPopularity=-1", "minPopularity: "],
    ["limt=5", 'no parameter "limt" here. There is limit, category'],
    ["__proto__=5", 'no parameter "__proto__" here'],
  ])("?%s is told what it takes", async (query, told) => {
    const answer = await api.fetch(`/v1/users/u1/recommendations?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(((await answer.json()) as { detail: string }).detail).toContain(told);
  });

  test.each([
    ["{", 400],
    ["[]", 400],
    ["{}", 400],
    ['{"ratings":{}}', 400],
    ['{"ratings":[{"itemId":"i1","value":9}]}', 400],
    ['{"ratings":[{"itemId":1}]}', 400],
    ['{"ratings":[],"__proto__":{"limit":5}}', 400],
    ['{"ratings":[],"limit":"5"}', 400],
    [JSON.stringify({ ratings: Array.from({ length: 1_001 }, () => ({ itemId: "i" })) }), 400],
    [JSON.stringify({ ratings: [], exclude: ["x".repeat(250_000)] }), 413],
  ])("a body like %s is refused", async (body, status) => {
    const answer = await api.fetch("/v1/recommendations", { method: "POST", body });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
  });
});

test("an unknown item is 404, and told how to find others", async () => {
  for (const path of ["/v1/items/nothing", "/v1/items/nothing/similar"]) {
    const answer = await api.fetch(path);
    expect(answer.status).toBe(404);
    expect(((await answer.json()) as { detail: string }).detail).toContain("search=");
  }
});

test("openapi.json describes every route by the schemas that check requests", async () => {
  const { paths, components } = (await (await api.fetch("/openapi.json")).json()) as {
    paths: Record<string, Record<string, { parameters: { name: string }[] }>>;
    components: { schemas: Record<string, unknown> };
  };
  const user = paths["/v1/users/{userId}/recommendations"]!["get"]!;
  expect(user.parameters.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["userId", "limit", "categoryAll", "diversity", "cursor"]),
  );
  expect(components.schemas).toMatchObject({
    ProfileWish: { required: ["ratings"], properties: { ratings: { maxItems: 1_000 } } },
    Event: { required: ["userId", "itemId", "type"], properties: { value: { anyOf: [{}, {}] } } },
  });
  expect(JSON.stringify(paths["/v1/recommendations"]!["post"])).toContain("schemas/ProfileWish");
  expect(Object.keys(paths)).toContain("/v1/items/{itemId}/similar");
});

test("no request, however odd, is answered with a fault of ours", async () => {
  const word = fc.oneof(
    fc.constantFrom("", "u1", "i1", "%00", "%", "%ff", "..", "__proto__", "𝄞", "'--", "a,b"),
    fc.string({ unit: "binary", maxLength: 20 }).map(encodeURIComponentSafely),
    fc.string({ maxLength: 300 }).map(encodeURIComponentSafely),
  );
  const name = fc.oneof(
    fc.constantFrom("limit", "category", "exclude", "cursor", "search", "diversity", "yearTo"),
    word,
  );
  const path = fc.constantFrom("/recommend/", "/v1/users/", "/v1/items/", "/v1/", "/");
  const end = fc.constantFrom("", "/recommendations", "/similar", "/x");
  const requests = fc.record({
    method: fc.constantFrom("GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"),
    address: fc
      .tuple(path, word, end, fc.array(fc.tuple(name, word), { maxLength: 4 }))
      .map(([base, id, rest, query]) => {
        const asked = query.map(([key, value]) => `${key}=${value}`).join("&");
        return `${base}${id}${rest}${asked === "" ? "" : `?${asked}`}`;
      }),
    body: fc.oneof(fc.json(), fc.string()),
  });
  await fc.assert(
    fc.asyncProperty(requests, async ({ method, address, body }) => {
      const init = method === "POST" || method === "PUT" ? { method, body } : { method };
      const answer = await api.fetch(address, init);
      expect(answer.status).toBeLessThan(500);
      await answer.arrayBuffer();
    }),
    { numRuns: 3_000, seed: 4 },
  );
});

function encodeURIComponentSafely(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
