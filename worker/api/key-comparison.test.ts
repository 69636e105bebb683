/** How long a refusal takes must not tell how near a key was. */
import { createHash, timingSafeEqual } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { apiOver } from "./fixtures/ask.ts";
import { FakeKv } from "./fixtures/fake-kv.ts";

const KEYS = ["first", "second", "third"];
const API_KEYS = JSON.stringify(
  KEYS.map((name) => {
    const sha256 = createHash("sha256").update(`usher_${name}`).digest("hex");
    return { name, sha256, scopes: ["events"] };
  }),
);
const api = apiOver(new FakeKv(new Map()), { API_KEYS, KEYS_REQUIRED: "true" });

/** The platform's own comparison is workerd's; here Node's stands in for it, and counts. */
function countComparisons() {
  const compare = vi.fn((a: Uint8Array, b: Uint8Array) => timingSafeEqual(a, b));
  Object.assign(crypto.subtle, { timingSafeEqual: compare });
  return compare;
}

afterEach(() => {
  Reflect.deleteProperty(crypto.subtle, "timingSafeEqual");
});

test.each([...KEYS, "none of them"])(
  "%s: every key is compared, in constant time",
  async (name) => {
    const compare = countComparisons();
    const answer = await api.fetch("/v1/releases", { headers: { "x-api-key": `usher_${name}` } });
    expect(answer.status).toBe(KEYS.includes(name) ? 403 : 401);
    expect(compare).toHaveBeenCalledTimes(KEYS.length);
    for (const [given, held] of compare.mock.calls) {
      expect([given.byteLength, held.byteLength]).toEqual([32, 32]);
    }
  },
);
