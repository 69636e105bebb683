import { expect, test } from "vitest";
import { ByteBoundedCache } from "./byte-bounded-cache.ts";

test("the least recently used values go first when bytes run out", () => {
  const cache = new ByteBoundedCache<string>(30);
  cache.set("a", "A", 10);
  cache.set("b", "B", 10);
  cache.set("c", "C", 10);
  cache.get("a");
  cache.set("d", "D", 15);
  expect([cache.get("a"), cache.get("b"), cache.get("c"), cache.get("d")]).toEqual([
    "A",
    undefined,
    undefined,
    "D",
  ]);
  expect(cache.bytes).toBe(25);
});

test("a value larger than the whole cache is not kept and evicts nothing", () => {
  const cache = new ByteBoundedCache<string>(10);
  cache.set("small", "s", 5);
  cache.set("huge", "h", 11);
  expect(cache.get("huge")).toBeUndefined();
  expect(cache.get("small")).toBe("s");
});

test("replacing a value counts its bytes once", () => {
  const cache = new ByteBoundedCache<string>(10);
  cache.set("a", "1", 6);
  cache.set("a", "2", 4);
  expect(cache.get("a")).toBe("2");
  expect(cache.bytes).toBe(4);
});
