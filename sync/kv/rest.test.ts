import { afterEach, describe, expect, test } from "vitest";
import type { Fault, FaultPlan } from "../../local/control-plane/faults.ts";
import { startControlPlane } from "../../local/control-plane.ts";
import { MemoryKv } from "../../local/memory-kv.ts";
import { type RestAccess, restKvStore } from "./rest.ts";
import type { KvStore } from "./store.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function start(
  options: { faults?: FaultPlan; requestsPer5Minutes?: number; access?: Partial<RestAccess> } = {},
) {
  const kv = new MemoryKv();
  const { faults, requestsPer5Minutes, access } = options;
  const plane = await startControlPlane({
    kv,
    token: "secret",
    ...(faults === undefined ? {} : { faults }),
    ...(requestsPer5Minutes === undefined ? {} : { requestsPer5Minutes }),
  });
  stops.push(() => plane.stop());
  const retries: string[] = [];
  const store = restKvStore({
    ...plane,
    backoffMs: 1,
    onRetry: (message) => retries.push(message),
    ...access,
  });
  return { kv, plane, store, retries };
}

/** The first `times` requests go wrong. */
function first(times: number, fault: Fault): FaultPlan {
  return ({ index }) => (index < times ? fault : null);
}

function value(key: string, text = key) {
  return { key, bytes: new TextEncoder().encode(text), sha256: "ab".repeat(32) };
}

async function listed(store: KvStore, prefix = ""): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

async function text(store: KvStore, key: string): Promise<string | null> {
  const bytes = await store.read(key);
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

test("what is written is read, listed with its checksum, and deleted", async () => {
  const { store } = await start();
  const strange = "r/ü 1%2F?&#/l/0";
  await store.write([value("a"), value(strange), value("empty", "")]);
  expect(await text(store, strange)).toBe(strange);
  expect(await text(store, "empty")).toBe("");
  expect(await store.read("none")).toBeNull();
  const entries = [];
  for await (const entry of store.list("r/")) entries.push(entry);
  expect(entries).toEqual([{ key: strange, sha256: "ab".repeat(32) }]);
  await store.delete(["a", strange, "none"]);
  expect(await listed(store)).toEqual(["empty"]);
  await store.delete([]);
});

test("a listing goes through all its pages", async () => {
  const { store, plane } = await start();
  const keys = Array.from({ length: 2_500 }, (_, n) => `k${String(n).padStart(4, "0")}`);
  await store.write(keys.map((key) => value(key)));
  expect(await listed(store, "k")).toEqual(keys);
  expect(plane.usage.lists).toBe(3);
});

describe("is tried again, and ends well, when", () => {
  test.each<[string, Fault]>([
    ["Cloudflare answers 500", { kind: "status", status: 500 }],
    ["Cloudflare answers 503", { kind: "status", status: 503 }],
    ["the connection breaks before anything is done", { kind: "lost" }],
    ["it is done and the answer never comes", { kind: "unanswered" }],
    ["the answer breaks off half-way", { kind: "truncated" }],
    ["the answer is a page of HTML", { kind: "garbled" }],
    ["no key of a batch was stored", { kind: "partial", keys: 9 }],
  ])("%s", async (_, fault) => {
    const { store, retries } = await start({ faults: first(2, fault) });
    await store.write([value("a"), value("b")]);
    expect(retries).toHaveLength(2);
    expect(await listed(store)).toEqual(["a", "b"]);
    expect(await text(store, "b")).toBe("b");
  });

  test("no answer comes in time", async () => {
    const { store } = await start({
      faults: first(1, { kind: "silent" }),
      access: { timeoutMs: 100 },
    });
    await store.write([value("a")]);
    expect(await listed(store)).toEqual(["a"]);
  });
});

test("keys that a bulk write lists as unsuccessful are sent again alone", async () => {
  const { store, plane } = await start({ faults: first(1, { kind: "partial", keys: 2 }) });
  await store.write([value("a"), value("b"), value("c")]);
  expect(await listed(store)).toEqual(["a", "b", "c"]);
  expect(plane.usage.writes).toBe(3);
});

test("keys that a bulk delete lists as unsuccessful are deleted again alone", async () => {
  const { store, plane } = await start({
    faults: ({ index }) => (index === 1 ? { kind: "partial", keys: 1 } : null),
  });
  await store.write([value("a"), value("b")]);
  await store.delete(["a", "b"]);
  expect(await listed(store)).toEqual([]);
  expect(plane.usage.deletes).toBe(2);
});

test.each([
  ["seconds", () => "1"],
  ["a date", () => new Date(Date.now() + 2_000).toUTCString()],
])("Retry-After in %s is waited for", async (_, header) => {
  let times: number[] = [];
  const { store } = await start({
    faults: ({ index }) => {
      times = [...times, Date.now()];
      return index === 0 ? { kind: "status", status: 429, retryAfter: header() } : null;
    },
  });
  await store.write([value("a")]);
  // A date has whole seconds: two seconds ahead is more than one.
  expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(990);
});

test("a wait of hours is not sat out: it is said", async () => {
  const { store, retries } = await start({
    faults: () => ({ kind: "status", status: 429, retryAfter: "7200" }),
  });
  await expect(store.write([value("a")])).rejects.toThrow(
    /asks to wait 120 minutes; run this again/,
  );
  expect(retries).toEqual([]);
});

test("a client keeps to the pace that it was given, and never meets the limit", async () => {
  const { store, plane } = await start({
    requestsPer5Minutes: 3,
    access: { requestsPer5Minutes: 2, attempts: 1 },
  });
  await store.read("a");
  await store.read("b");
  const third = store.read("c").then(() => "answered");
  const soon = new Promise((resolve) => setTimeout(() => resolve("held back"), 100));
  expect(await Promise.race([third, soon])).toBe("held back");
  expect(plane.usage.requests).toBe(2);
});

test("past the account's limit the stand-in answers 429 and the seconds to wait", async () => {
  const { plane, store } = await start({ requestsPer5Minutes: 1, access: { attempts: 1 } });
  await store.read("a");
  const response = await fetch(`${plane.url}/x`, { headers: { authorization: "Bearer secret" } });
  expect(response.status).toBe(429);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(290);
  expect(response.headers.get("ratelimit")).toMatch(/^"default";r=0;t=\d+$/);
});

test("after the last attempt the failure is told", async () => {
  const { store, retries } = await start({
    faults: () => ({ kind: "status", status: 500 }),
    access: { attempts: 3 },
  });
  await expect(store.read("a")).rejects.toMatchObject({
    code: "KV_REST_BUSY",
    message: expect.stringContaining("HTTP 500"),
  });
  expect(retries).toHaveLength(2);
});

test.each([
  ["a wrong token", { token: "wrong" }, /Authentication error \(HTTP 401\).*CLOUDFLARE_API_TOKEN/],
  ["another namespace", { namespaceId: "n" }, /namespace not found \(HTTP 404\).*NAMESPACE_ID/],
])("%s is final, and says what to check", async (_, access, message) => {
  const { store, retries } = await start({ access });
  await expect(store.write([value("a")])).rejects.toThrow(message);
  expect(retries).toEqual([]);
});
