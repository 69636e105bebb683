import { expect, test } from "vitest";
import { catalogueKey, manifestKey, modelKey, releasePrefix, shardKey } from "./keys.ts";
import { KV_KEY_BYTES } from "./limits.ts";

const LONGEST = "r".repeat(64);

test("every key of a release starts with its prefix, and no other release's does", () => {
  const keys = [manifestKey("a1"), catalogueKey("a1"), modelKey("a1", 0), shardKey("a1", 12)];
  expect(keys).toEqual(["r/a1/manifest", "r/a1/catalogue", "r/a1/model/0", "r/a1/l/12"]);
  for (const key of keys) {
    expect(key.startsWith(releasePrefix("a1"))).toBe(true);
    expect(key.startsWith(releasePrefix("a"))).toBe(false);
  }
});

test("the longest key fits Workers KV", () => {
  expect(shardKey(LONGEST, 2 ** 32).length).toBeLessThan(KV_KEY_BYTES);
});
