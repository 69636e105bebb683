import fc from "fast-check";
import { expect, test } from "vitest";
import { hashId, murmur128 } from "./hash.ts";

function hex(words: Uint32Array): string {
  return Array.from(words, (word) => word.toString(16).padStart(8, "0")).join("");
}

test("murmur128 passes SMHasher's own verification of MurmurHash3 x86_128", () => {
  // Keys {0}, {0,1}, … of growing length and falling seed; then the hash of all their hashes.
  const hashes = new Uint8Array(256 * 16);
  const out = new Uint32Array(4);
  const key = new Uint8Array(256);
  for (let length = 0; length < 256; length++) {
    key[length] = length;
    murmur128(key.subarray(0, length), 256 - length, out);
    const view = new DataView(hashes.buffer, length * 16);
    for (let word = 0; word < 4; word++) view.setUint32(word * 4, out[word]!, true);
  }
  murmur128(hashes, 0, out);
  expect(out[0]).toBe(0xb3ece62a);
});

test("bytes in the middle of a buffer hash as the same bytes alone", () => {
  const whole = Uint8Array.from({ length: 100 }, (_, index) => index * 7);
  const alone = new Uint32Array(4);
  const inside = new Uint32Array(4);
  murmur128(whole.slice(13, 77), 5, alone);
  murmur128(whole.subarray(13, 77), 5, inside);
  expect(hex(inside)).toBe(hex(alone));
});

test("an id's hash depends on every character, on the seed, and stays in 32-bit words", () => {
  const one = hashId("user-1", 0);
  expect(hashId("user-1", 0)).toEqual(one);
  expect(hashId("user-2", 0)).not.toEqual(one);
  expect(hashId("user-1", 1)).not.toEqual(one);
  for (const word of [one.hi, one.lo]) {
    expect(Number.isInteger(word) && word >= 0 && word <= 0xffffffff).toBe(true);
  }
});

test("an id hashes as its UTF-8 bytes do, short or long, ASCII or not", () => {
  const words = new Uint32Array(4);
  const ids = fc.oneof(fc.string({ maxLength: 130 }), fc.string({ unit: "grapheme" }));
  fc.assert(
    fc.property(ids, fc.nat(), (id, seed) => {
      murmur128(new TextEncoder().encode(id), seed, words);
      expect(hashId(id, seed)).toEqual({ hi: words[0], lo: words[1] });
    }),
  );
});

test("a hundred thousand ids give as many different hashes, evenly spread", () => {
  const seen = new Set<string>();
  const buckets = new Uint32Array(16);
  for (let id = 0; id < 100_000; id++) {
    const { hi, lo } = hashId(String(id), 0);
    seen.add(`${hi},${lo}`);
    buckets[lo % 16]! += 1;
  }
  expect(seen.size).toBe(100_000);
  for (const bucket of buckets) expect(Math.abs(bucket - 6250)).toBeLessThan(400);
});
