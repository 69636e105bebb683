import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { MemoryKv } from "./memory-kv.ts";

const kv = new MemoryKv();
let plane: ControlPlane;
let base: string;

beforeAll(async () => {
  plane = await startControlPlane({ kv, token: "secret" });
  base = `${plane.url}/accounts/${plane.accountId}/storage/kv/namespaces/${plane.namespaceId}`;
});
afterAll(() => plane.stop());
beforeEach(() => kv.values.clear());

async function ask(method: string, path: string, body?: string) {
  const response = await fetch(base + path, {
    method,
    headers: { authorization: "Bearer secret" },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const PAIR = { key: "a", value: "AQID", base64: true, metadata: { sha256: "x" } };

test("a bulk write stores bytes and metadata, and counts what it stored", async () => {
  const { status, body } = await ask("PUT", "/bulk", JSON.stringify([PAIR]));
  expect(status).toBe(200);
  expect(body).toEqual({
    success: true,
    errors: [],
    messages: [],
    result: { successful_key_count: 1, unsuccessful_keys: [] },
  });
  const { value, metadata } = await kv.getWithMetadata("a");
  expect([...new Uint8Array(value!)]).toEqual([1, 2, 3]);
  expect(metadata).toEqual({ sha256: "x" });
});

test.each<[method: string, path: string, body: string | undefined]>([
  ["PUT", "/bulk", "{not json"],
  ["PUT", "/bulk", ""],
  ["PUT", "/bulk", "null"],
  ["PUT", "/bulk", '{"key":"a"}'],
  ["PUT", "/bulk", '[{"key":"a"}]'],
  ["PUT", "/bulk", '[{"key":1,"value":"x"}]'],
  ["PUT", "/bulk", '[{"key":"","value":"x"}]'],
  ["PUT", "/bulk", `[{"key":"${"k".repeat(513)}","value":"x"}]`],
  ["PUT", "/bulk", `[{"key":"a","value":"x","metadata":"${"m".repeat(1025)}"}]`],
  ["POST", "/bulk/delete", "oops"],
  ["POST", "/bulk/delete", '{"keys":[]}'],
  ["POST", "/bulk/get", '{"keys":"a"}'],
  ["GET", "/keys?limit=9", undefined],
  ["GET", "/keys?limit=1001", undefined],
])("%s %s with %s is a 400 in Cloudflare's envelope, and stores nothing", async (...request) => {
  const { status, body } = await ask(...request);
  expect(status).toBe(400);
  expect(body).toMatchObject({ success: false, result: null });
  expect(body["errors"]).toEqual([{ code: expect.any(Number), message: expect.any(String) }]);
  expect(kv.values.size).toBe(0);
});

test("one pair too many refuses the whole call", async () => {
  const pairs = Array.from({ length: 10_001 }, (_, n) => ({ key: `k${n}`, value: "" }));
  expect((await ask("PUT", "/bulk", JSON.stringify(pairs))).status).toBe(400);
  expect(kv.values.size).toBe(0);
});

test("a value over 25 MiB is refused", async () => {
  const value = "x".repeat(25 * 1024 * 1024 + 1);
  expect((await ask("PUT", "/bulk", JSON.stringify([{ key: "a", value }]))).status).toBe(413);
});

test("a bulk read gives text, and null for what is not there", async () => {
  await ask("PUT", "/bulk", JSON.stringify([{ key: "a", value: "ä" }]));
  const { body } = await ask("POST", "/bulk/get", '{"keys":["a","b"]}');
  expect(body["result"]).toEqual({ values: { a: "ä", b: null } });
  const keys = Array.from({ length: 101 }, (_, n) => `k${n}`);
  expect((await ask("POST", "/bulk/get", JSON.stringify({ keys }))).status).toBe(400);
});

test("a single value is written, read bare, and deleted twice without harm", async () => {
  expect((await ask("PUT", "/values/a%2Fb", "bytes")).status).toBe(200);
  const headers = { authorization: "Bearer secret" };
  expect(await (await fetch(`${base}/values/a%2Fb`, { headers })).text()).toBe("bytes");
  expect((await ask("DELETE", "/values/a%2Fb")).status).toBe(200);
  expect((await ask("DELETE", "/values/a%2Fb")).status).toBe(200);
  expect(await ask("GET", "/values/a%2Fb")).toMatchObject({
    status: 404,
    body: { success: false, errors: [{ code: 10009 }] },
  });
});

test("without the token nothing is told, and an unknown route is a 404", async () => {
  expect((await fetch(`${base}/keys`)).status).toBe(401);
  expect((await ask("GET", "/nothing")).status).toBe(404);
});
