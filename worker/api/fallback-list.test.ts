/** A bundle made after `usher fallback`, with its list inside, while Workers KV gives nothing at all. */
import { beforeAll, expect, test, vi } from "vitest";
import { fallbackOfServing } from "../../sync/fallback.ts";
import type { KvStore } from "../../sync/kv/store.ts";
import { FakeKv, type Fault } from "./fixtures/fake-kv.ts";
import { activated, smallRelease } from "./fixtures/small-release.ts";

const TAKEN = new Date("2026-11-20T00:00:00Z");
const values = activated(smallRelease("r1"));
const deployedWith = {
  read: async (key: string) => values.get(key) ?? null,
} as Partial<KvStore> as KvStore;

let ask: typeof import("./fixtures/ask.ts");
beforeAll(async () => {
  const list = await fallbackOfServing(deployedWith, TAKEN);
  // As the file that the command writes.
  const file = JSON.parse(JSON.stringify(list)) as unknown;
  vi.doMock("./fallback.json", () => ({ default: file }));
  ask = await import("./fixtures/ask.ts");
});

test.each<Fault>(["throws", "hangs", "missing"])(
  "a cold isolate whose KV %s for every key still answers 200 with popular items, and says so",
  async (fault) => {
    const kv = new FakeKv(values);
    kv.fault = () => fault;
    const api = ask.apiOver(kv);
    const text = await api.fetch("/recommend/u5");
    expect(text.status).toBe(200);
    expect(decodeURI(text.headers.get("usher-degraded")!)).toMatch(/^(erasures: .*)?release: /);
    expect(text.headers.get("usher-source")).toBe("fallback");
    const expected = Array.from({ length: 20 }, (_, at) => `i${at}`);
    expect((await text.text()).split(",")).toEqual(expected);
    const json = await api.get("/v1/users/u5/recommendations?category=Western&limit=2");
    expect(json).toMatchObject({ source: "fallback", release: "r1" });
    expect(json.items.map(({ id }) => id)).toEqual(["i7", "i57"]);
    expect((await api.fetch("/v1/trending")).status).toBe(200);
    expect((await api.fetch("/v1/items?search=the")).status).toBe(200);
    expect((await api.fetch("/v1/items/i3/similar")).status).toBe(200);
    expect((await api.fetch("/readyz")).status).toBe(503);
  },
);

test("healthz tells whose list it is and how old", async () => {
  const response = await ask.apiOver(new FakeKv(new Map())).fetch("/healthz");
  const fallback = { release: "r1", takenAt: TAKEN.toISOString(), items: 100 };
  expect(await response.json()).toMatchObject({
    status: "ok",
    fallback,
    reads: { manifest: [1, 2] },
  });
});

test("while nothing serves there is no list to take", async () => {
  const empty = { read: async () => null } as Partial<KvStore> as KvStore;
  expect(await fallbackOfServing(empty, TAKEN)).toBeNull();
});

test("a release that this code cannot read stops the deployment", async () => {
  const manifest = JSON.parse(new TextDecoder().decode(values.get("r/r1/manifest"))) as object;
  const changed = new TextEncoder().encode(JSON.stringify({ ...manifest, formats: { model: 99 } }));
  const store = {
    read: async (key: string) =>
      key === "r/r1/manifest" ? changed.buffer : (values.get(key) ?? null),
  } as Partial<KvStore> as KvStore;
  const error = expect.objectContaining({ code: "FORMAT_UNREADABLE" });
  await expect(fallbackOfServing(store, TAKEN)).rejects.toThrow(error);
});
