/** A shared cache knows an answer by path and query: nothing else may change what it keeps. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { apiOver } from "./fixtures/ask.ts";
import { FakeKv } from "./fixtures/fake-kv.ts";
import { activated, smallRelease } from "./fixtures/small-release.ts";

const api = apiOver(new FakeKv(activated(smallRelease("r1"), { trending: ["i200"] })), {
  CORS_ORIGINS: "*",
});
const CACHEABLE = [
  "/recommend/u1",
  "/recommend/somebody-new",
  "/recommend/u1?after=broken",
  "/v1/users/u1/recommendations?limit=3&explain=true",
  "/v1/items?search=the",
  "/v1/items/i1",
  "/v1/items/i1/similar",
  "/v1/items/none-such",
  "/v1/trending",
  "/openapi.json",
];
/** Headers by which other services have been made to put something foreign into a cache. */
const SUSPECTS = [
  "accept",
  "accept-encoding",
  "accept-language",
  "authorization",
  "cf-connecting-ip",
  "content-type",
  "cookie",
  "forwarded",
  "origin",
  "range",
  "referer",
  "user-agent",
  "x-api-key",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-host",
  "x-http-method-override",
  "x-original-url",
  "x-rewrite-url",
];

async function seen(path: string, headers: Record<string, string>) {
  const answer = await api.fetch(path, { headers });
  // The id of an answer is drawn anew each time.
  const body = (await answer.text()).replace(/"requestId":"[^"]*"/, "");
  return { status: answer.status, headers: [...answer.headers], body };
}

test("whatever headers a request has, a cacheable answer is the same to the byte", async () => {
  const value = fc.oneof(
    fc.constantFrom("evil.test", "https://evil.test", "/v1/trending", "bytes=0-1", "DELETE", "*"),
    fc.stringMatching(/^[!-~]{1,40}$/),
  );
  const headers = fc.dictionary(fc.constantFrom(...SUSPECTS), value, { minKeys: 1, maxKeys: 6 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...CACHEABLE), headers, async (path, given) => {
      expect(await seen(path, given)).toEqual(await seen(path, {}));
    }),
    { numRuns: 500, seed: 9 },
  );
});

test("what depends on a key is never kept by a shared cache", async () => {
  for (const path of ["/v1/users/u1/export", "/v1/releases", "/v1/status", "/metrics"]) {
    const answer = await api.fetch(path, { headers: { "x-api-key": "usher_wrong" } });
    expect(answer.headers.get("cache-control") ?? "no-store").toMatch(/no-store|private/);
  }
});

test("a refusal is not kept in the place of an answer", async () => {
  for (const path of ["/v1/users/u1/recommendations?limit=x", "/v1/none-such"]) {
    const answer = await api.fetch(path);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers.get("cache-control") ?? "no-store").toMatch(/no-store|private/);
  }
});

test("an id nobody has is answered as one that somebody has: 200, and items", async () => {
  const [known, unknown] = await Promise.all([
    api.fetch("/recommend/u1"),
    api.fetch("/recommend/somebody-new"),
  ]);
  expect([known.status, unknown.status]).toEqual([200, 200]);
  const names = (answer: Response) => [...answer.headers.keys()].filter((name) => name !== "date");
  expect(names(unknown)).toEqual(names(known));
  expect((await unknown.text()).split(",").length).toBeGreaterThan(0);
});
