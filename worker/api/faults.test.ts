/** What Workers KV may do to an answer: it stays whole, or says what it went around. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeCursor } from "../../events/cursor.ts";
import { POINTER_KEY, TRENDING_KEY } from "../../release/keys.ts";
import { buildFallback } from "./fallback-list.ts";
import { apiOver, idsOf } from "./fixtures/ask.ts";
import { FakeKv, type Fault } from "./fixtures/fake-kv.ts";
import { activated, pointerTo, smallRelease, USERS } from "./fixtures/small-release.ts";

const release = smallRelease("r1");
const values = activated(release, { trending: ["i200", "i100"] });
const USER = "u5";
const LIST = release.lists.get(USER)!;
const SEEN = release.seen.get(USER)!;

function apiWith(fault: (key: string) => Fault | null, stored = values) {
  const kv = new FakeKv(stored);
  kv.fault = fault;
  return apiOver(kv);
}

const onKeys = (pattern: RegExp, fault: Fault) => (key: string) =>
  pattern.test(key) ? fault : null;

describe.each<[string, Fault]>([
  ["throws", "throws"],
  ["never answers", "hangs"],
  ["has nothing", "missing"],
  ["holds other bytes", new ArrayBuffer(40)],
])("when KV %s", (_, fault) => {
  test("for a shard of lists, the user's profile is folded in", async () => {
    const answer = await apiWith(onKeys(/\/l\//, fault)).get(`/v1/users/${USER}/recommendations`);
    expect(answer.source).toBe("fold-in");
    expect(answer.degraded).toMatch(/^list: /);
    expect(idsOf(answer)).toEqual(LIST);
  });

  test("for lists and model, what is trending and unseen is told", async () => {
    const api = apiWith(onKeys(/\/l\/|model/, fault));
    const answer = await api.get(`/v1/users/${USER}/recommendations`);
    expect(answer.source).toBe("trending");
    expect(answer.degraded).toMatch(/list: .*model: /);
    expect(answer.items).toHaveLength(20);
    expect(idsOf(answer).filter((id) => SEEN.includes(id))).toEqual([]);
  });

  test("for the model, a filtered list is completed by unseen popular items", async () => {
    const api = apiWith(onKeys(/model/, fault));
    const answer = await api.get(`/v1/users/${USER}/recommendations?limit=30`);
    expect(idsOf(answer).slice(0, 20)).toEqual(LIST);
    expect(answer).toMatchObject({ source: "list", completed: "trending" });
    expect(answer.degraded).toMatch(/^model: /);
    expect(idsOf(answer).filter((id) => SEEN.includes(id))).toEqual([]);
    const similar = await api.get("/v1/items/i3/similar");
    expect(similar.degraded).toMatch(/^model: /);
    expect(similar.items).toHaveLength(20);
  });

  test("for the profile, nothing that may have been seen completes a list", async () => {
    const api = apiWith(onKeys(/\/p\//, fault));
    const answer = await api.get(`/v1/users/${USER}/recommendations?limit=30`);
    expect(idsOf(answer)).toEqual(LIST);
    expect(answer.degraded).toMatch(/^profile: /);
  });

  test("for everything of a release, the one before it answers", async () => {
    const before = smallRelease("r0", "old-");
    const both = new Map([...before.values, ...values]);
    both.set(POINTER_KEY, pointerTo("r1", "r0"));
    const answer = await apiWith(onKeys(/^r\/r1\//, fault), both).fetch(`/recommend/${USER}`);
    expect(answer.headers.get("usher-release")).toBe("r0");
    expect(decodeURI(answer.headers.get("usher-degraded")!)).toMatch(/^release: /);
    expect((await answer.text()).split(",")).toEqual(before.lists.get(USER));
  });

  test("for what is trending, popular items are told", async () => {
    const answer = await apiWith(onKeys(/^trending$/, fault)).get("/v1/trending?limit=3");
    expect(idsOf(answer)).toEqual(["i0", "i1", "i2"]);
    // That nothing is trending yet is no fault.
    if (fault === "missing") expect(answer.degraded).toBeUndefined();
    else expect(answer.degraded).toMatch(/^trending: /);
  });
});

test("a list completed by what is trending is another answer once that has changed", async () => {
  const etag = async (trending: string[], computedAt?: string) => {
    const stored = activated(release, { trending, ...(computedAt && { computedAt }) });
    const api = apiWith(onKeys(/model/, "missing"), stored);
    const answer = await api.fetch(`/v1/users/${USER}/recommendations?limit=30`);
    expect(await answer.json()).toMatchObject({ source: "list", completed: "trending" });
    return answer.headers.get("etag");
  };
  expect(await etag(["i200"])).toBe(await etag(["i200"]));
  const later = await etag(["i100"], "2026-11-03T00:00:00.000Z");
  expect(later).not.toBe(await etag(["i200"]));
});

test("while the model cannot be read, what was just rated leaves no gap in the list", async () => {
  const kv = new FakeKv(values);
  kv.fault = onKeys(/model/, "throws");
  const now = Date.now();
  const rated = { itemId: LIST[0]!, type: "rate", value: 5, occurredAt: now };
  const recent = async () => ({ events: [rated], receivedUpTo: now });
  const LIVE_PROFILES = { getByName: () => ({ recent }) } as never;
  const after = encodeCursor(now, []);
  const answer = await apiOver(kv, { LIVE_PROFILES }).get(
    `/v1/users/${USER}/recommendations?after=${after}`,
  );
  expect(idsOf(answer).slice(0, 19)).toEqual(LIST.slice(1));
  expect(answer.items).toHaveLength(20);
  expect(idsOf(answer).filter((id) => [...SEEN, LIST[0]].includes(id))).toEqual([]);
});

test("a degraded answer is kept by caches for seconds, and has an ETag of its own", async () => {
  const whole = await apiWith(() => null).fetch(`/recommend/${USER}`);
  const degraded = await apiWith(onKeys(/\/l\//, "missing")).fetch(`/recommend/${USER}`);
  expect(degraded.headers.get("cache-control")).toBe("public, max-age=5");
  expect(degraded.headers.get("etag")).not.toBe(whole.headers.get("etag"));
});

test("a warm isolate goes on while KV fails wholly", async () => {
  const kv = new FakeKv(values);
  const api = apiOver(kv);
  expect((await api.fetch(`/recommend/${USER}`)).status).toBe(200);
  kv.fault = () => "throws";
  const answer = await api.fetch(`/recommend/${USER}`);
  expect((await answer.text()).split(",")).toEqual(LIST);
  expect(answer.headers.get("usher-degraded")).toBeNull();
});

test("a cold isolate without KV and without a fallback list says what is the matter", async () => {
  const answer = await apiWith(() => "throws").fetch(`/recommend/${USER}`);
  expect(answer.status).toBe(503);
  const problem = (await answer.json()) as { title: string; detail: string };
  expect(problem.title).toBe("RELEASES_UNREACHABLE");
  expect(problem.detail).toContain("503 Service Unavailable");
});

test("a fallback list is a small release of popular items", () => {
  const items = [{ itemId: "a", title: "A", categories: ["X"], popularity: 3, year: null }];
  const built = buildFallback({ release: "r9", items })!;
  expect(built.id).toBe("r9");
  expect(built.catalogue.title(0)).toBe("A");
  expect(buildFallback({ release: null, items: [] })).toBeNull();
});

test("whatever bytes KV holds, every user is answered", async () => {
  const keys = [...values.keys()];
  const damage = fc.record({
    key: fc.constantFrom(...keys.filter((key) => key !== POINTER_KEY)),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
    cut: fc.boolean(),
  });
  const user = fc.integer({ min: 0, max: USERS - 1 });
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 6 }), user, async (list, n) => {
      const stored = new Map(values);
      // The release before answers when the manifest or the catalogue is damaged.
      for (const [key, value] of smallRelease("r0").values) stored.set(key, value);
      stored.set(POINTER_KEY, pointerTo("r1", "r0"));
      for (const { key, at, bytes, cut } of list) {
        const copy = new Uint8Array(stored.get(key)!.slice(0));
        const start = Math.floor(at * copy.length);
        copy.set(bytes.subarray(0, copy.length - start), start);
        stored.set(key, cut ? copy.buffer.slice(0, start) : copy.buffer);
      }
      const api = apiWith(() => null, stored);
      const query = "limit=25&explain=true&category=Action";
      const answer = await api.get(`/v1/users/u${n}/recommendations?${query}`);
      expect(answer.items.length).toBeGreaterThan(0);
      expect((await api.fetch("/v1/items/i1/similar")).status).toBe(200);
      expect((await api.fetch("/v1/items?search=the")).status).toBe(200);
      expect(stored.has(TRENDING_KEY)).toBe(true);
    }),
    { numRuns: 150 },
  );
});
