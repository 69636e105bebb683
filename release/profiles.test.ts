import fc from "fast-check";
import { expect, test } from "vitest";
import { hashId } from "./hash.ts";
import { packedBytesAtMost, packProfile, unpackProfile } from "./packed-profile.ts";
import { ProfileShardBuilder, ProfileShardView, profileShardCountFor } from "./profiles.ts";
import { shardCountFor } from "./shard.ts";

const ITEMS = 70_000;
const shape = { shard: 0, shardCount: 1, hashSeed: 1, itemCount: ITEMS };

/** Profiles whose weights a shard tells apart exactly, as ratings and counts are. */
const profiles = fc.array(
  fc.uniqueArray(fc.nat(ITEMS - 1), { maxLength: 60 }).chain((items) =>
    fc.record({
      items: fc.constant(items.sort((a, b) => a - b)),
      weights: fc.array(fc.constantFrom(0, 0.5, 1, 2), {
        minLength: items.length,
        maxLength: items.length,
      }),
    }),
  ),
  { maxLength: 20 },
);

function shardOf(list: readonly { items: number[]; weights: number[] }[]): ArrayBuffer {
  const builder = new ProfileShardBuilder(shape);
  list.forEach((profile, user) => {
    builder.add(hashId(`user ${user}`, 1), profile);
  });
  return builder.build();
}

test("every profile comes back whole, item by item and weight by weight", () => {
  fc.assert(
    fc.property(profiles, (list) => {
      const view = ProfileShardView.from(shardOf(list));
      list.forEach((profile, user) => {
        const row = view.find(hashId(`user ${user}`, 1));
        const { items, weights } = view.profile(row);
        expect([...items]).toEqual(profile.items);
        expect([...weights]).toEqual(profile.weights);
      });
      expect(view.find(hashId("a stranger", 1))).toBe(-1);
    }),
  );
});

test("more than 16 weights become the nearest of 16 even steps", () => {
  const items = Array.from({ length: 101 }, (_, item) => item);
  const weights = items.map((item) => item / 100);
  const view = ProfileShardView.from(shardOf([{ items, weights }]));
  const back = view.profile(view.find(hashId("user 0", 1))).weights;
  expect(new Set(back).size).toBe(16);
  back.forEach((weight, at) => {
    expect(Math.abs(weight - weights[at]!)).toBeLessThanOrEqual(1 / 30 + 1e-6);
  });
});

test("items out of order, twice or outside the catalogue are refused", () => {
  for (const items of [[2, 1], [1, 1], [ITEMS]]) {
    const weights = items.map(() => 1);
    expect(() => shardOf([{ items, weights }])).toThrow(/ascend within the catalogue/);
  }
});

test("any bytes are a whole profile of the catalogue or none", () => {
  const table = Float32Array.of(0, 1);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const profile = unpackProfile(bytes, table, 100);
      if (profile === null) return;
      const ascends = (item: number, at: number) => item > (profile.items[at - 1] ?? -1);
      expect(profile.items.every((item, at) => item < 100 && ascends(item, at))).toBe(true);
      expect(profile.weights.every((weight) => weight === 0 || weight === 1)).toBe(true);
    }),
    { numRuns: 5_000 },
  );
});

test("a profile cut short or followed by more is none", () => {
  const profile = { items: [3, 400, 9_000], weights: [1, 0, 1] };
  const table = Float32Array.of(0, 1);
  const bytes = new Uint8Array(packedBytesAtMost(profile) + 1);
  const end = packProfile(profile, table, bytes, 0);
  expect(unpackProfile(bytes.subarray(0, end), table, ITEMS)).not.toBeNull();
  for (let length = 0; length < end; length++) {
    expect(unpackProfile(bytes.subarray(0, length), table, ITEMS)).toBeNull();
  }
  expect(unpackProfile(bytes.subarray(0, end + 1), table, ITEMS)).toBeNull();
});

test("a shard with a flipped bit is refused, or with its checksum off, never read out of bounds", () => {
  const list = Array.from({ length: 5 }, () => ({ items: [1, 300, 5_000], weights: [1, 2, 1] }));
  const whole = shardOf(list);
  fc.assert(
    fc.property(fc.nat(whole.byteLength * 8 - 1), (bit) => {
      const bytes = new Uint8Array(whole.slice(0));
      bytes[bit >>> 3]! ^= 1 << (bit & 7);
      expect(() => ProfileShardView.from(bytes.buffer)).toThrow();
      try {
        const view = ProfileShardView.from(bytes.buffer, { verify: false });
        for (let row = 0; row < view.users; row++) {
          for (const item of view.profile(row).items) expect(item).toBeGreaterThanOrEqual(0);
        }
      } catch (error) {
        expect((error as Error).name).toBe("UsherError");
      }
    }),
    { numRuns: 2_000 },
  );
});

test("lists and profiles of a million users stay under the free plan's writes of a day", () => {
  const keys = shardCountFor(1_000_000) + profileShardCountFor(1_000_000, 150_000_000);
  expect(keys).toBeLessThan(990);
});

test("profiles of 100 million users still fit values of 25 MiB", () => {
  const shards = profileShardCountFor(100_000_000, 15_000_000_000);
  expect((15_000_000_000 * 3.5) / shards).toBeLessThan(21 * 1024 * 1024);
});
