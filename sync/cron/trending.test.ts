import { expect, test } from "vitest";
import type { Database } from "../../drizzle/database.ts";
import { cronStoreOf, MemoryKv } from "../../local/memory-kv.ts";
import { TRENDING_KEY } from "../../release/keys.ts";
import { parseTrending } from "../../release/pointer.ts";
import { refreshTrending } from "./trending.ts";

const NOW = new Date("2026-01-01T00:00:00Z");

/** A database whose recent events are these. */
function recent(...items: { itemId: string; score: number }[]): Database {
  return { db: { execute: async () => ({ rows: items }) } } as unknown as Database;
}

test("a new order is written, the same order with other scores is not", async () => {
  const kv = new MemoryKv();
  const store = cronStoreOf(kv);
  const [a, b] = [
    { itemId: "a", score: 2 },
    { itemId: "b", score: 1 },
  ];
  expect(await refreshTrending(store, recent(a, b), NOW, 24)).toEqual({ items: 2, written: true });
  const written = parseTrending((await store.text(TRENDING_KEY))!);
  expect(written).toEqual({ computedAt: NOW.toISOString(), windowHours: 168, items: [a, b] });
  const decayed = recent({ ...a, score: 1.9 }, { ...b, score: 0.9 });
  expect(await refreshTrending(store, decayed, NOW, 24)).toEqual({ items: 2, written: false });
  expect(await refreshTrending(store, recent(b, a), NOW, 24)).toMatchObject({ written: true });
});

test("a quiet week leaves what trended before it", async () => {
  const kv = new MemoryKv();
  const store = cronStoreOf(kv);
  await refreshTrending(store, recent(), NOW, 24);
  expect(kv.values.size).toBe(0);
  await refreshTrending(store, recent({ itemId: "a", score: 1 }), NOW, 24);
  await refreshTrending(store, recent(), NOW, 24);
  expect(parseTrending((await store.text(TRENDING_KEY))!).items).toHaveLength(1);
});
