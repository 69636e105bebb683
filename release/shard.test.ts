import fc from "fast-check";
import { expect, test } from "vitest";
import { hashId } from "./hash.ts";
import { KV_VALUE_BYTES } from "./limits.ts";
import { LIST_LENGTH, ShardBuilder, ShardView, shardCountFor, shardOf } from "./shard.ts";

const HASH_SEED = 3;

const lists = (itemCount: number) => {
  const list = fc.uniqueArray(fc.nat({ max: itemCount - 1 }), {
    minLength: 1,
    maxLength: LIST_LENGTH,
  });
  const scores = fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), {
    minLength: LIST_LENGTH,
    maxLength: LIST_LENGTH,
  });
  const entry = fc.record({ user: fc.string({ minLength: 1 }), items: list, scores });
  return fc.uniqueArray(entry, { selector: ({ user }) => user, maxLength: 30 });
};

function builderOf(itemCount: number): ShardBuilder {
  return new ShardBuilder({ shard: 0, shardCount: 1, hashSeed: HASH_SEED, itemCount });
}

test.each([
  ["16-bit", 300],
  ["the last 16-bit", 65_535],
  ["the first 32-bit", 65_536],
  ["32-bit", 1_000_000],
])("every user's list is found, in order, without padding (%s indices)", (_, itemCount) => {
  fc.assert(
    fc.property(lists(itemCount), (entries) => {
      const builder = builderOf(itemCount);
      for (const { user, items, scores } of entries) {
        builder.add(hashId(user, HASH_SEED), items, descending(scores, items.length));
      }
      const view = ShardView.from(builder.build());
      expect(view.users).toBe(entries.length);
      for (const { user, items, scores } of entries) {
        const row = view.find(hashId(user, HASH_SEED));
        expect([...view.items(row)]).toEqual(items);
        const wanted = descending(scores, items.length);
        const step = (wanted[0]! - wanted.at(-1)!) / 255;
        wanted.forEach((score, at) => {
          expect(Math.abs(view.score(row, at) - score)).toBeLessThanOrEqual(step * 0.51 + 1e-3);
        });
      }
    }),
    { numRuns: 60 },
  );
});

test("a user who is not in the shard is not found, whatever their hash", () => {
  const builder = builderOf(9);
  for (let user = 0; user < 200; user++) builder.add(hashId(`in-${user}`, HASH_SEED), [1], [1]);
  const view = ShardView.from(builder.build());
  const word = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(
    fc.property(word, word, (hi, lo) => {
      expect(view.find({ hi, lo })).toBe(-1);
    }),
  );
  expect(view.find({ hi: 0, lo: 0 })).toBe(-1);
  expect(view.find({ hi: 0xffffffff, lo: 0xffffffff })).toBe(-1);
});

test("two users with one hash are not mixed up: the shard is not built", () => {
  const builder = builderOf(9);
  builder.add({ hi: 1, lo: 2 }, [1], [1]);
  builder.add({ hi: 1, lo: 3 }, [1], [1]);
  builder.add({ hi: 1, lo: 2 }, [2], [1]);
  expect(() => builder.build()).toThrow(expect.objectContaining({ code: "HASH_COLLISION" }));
});

test("a list of more than 20 items, or with other than as many scores, is refused", () => {
  const many = Array.from({ length: LIST_LENGTH + 1 }, (_, item) => item);
  expect(() => builderOf(99).add({ hi: 0, lo: 0 }, many, many)).toThrow("not 21 and 21");
  expect(() => builderOf(99).add({ hi: 0, lo: 0 }, [1, 2], [1])).toThrow("not 2 and 1");
});

test("an index past the catalogue is refused, even without the checksum", () => {
  const builder = builderOf(9);
  builder.add({ hi: 0, lo: 0 }, [9], [1]);
  const value = builder.build();
  expect(() => ShardView.from(value, { verify: false })).toThrow("item 9 of a catalogue of 9");
});

test("a million users take under 1,000 writes, and no shard of any size reaches 25 MiB", () => {
  expect(shardCountFor(1_000_000) + 3).toBeLessThan(1000);
  expect(shardCountFor(0)).toBe(1);
  expect(shardCountFor(1)).toBe(1);
  // Hash, 20 wide indices, 20 scores, scale: the widest a user can be.
  const widest = 8 + LIST_LENGTH * 4 + LIST_LENGTH + 8;
  for (const users of [1e3, 1e5, 1e6, 1e7, 1e8, 1e9]) {
    const mean = users / shardCountFor(users);
    // Users fall into shards at random: six standard deviations above the mean.
    expect((mean + 6 * Math.sqrt(mean)) * widest).toBeLessThan(KV_VALUE_BYTES);
  }
});

test("users spread evenly over shards", () => {
  const counts = new Uint32Array(37);
  for (let user = 0; user < 37_000; user++)
    counts[shardOf(hashId(`u${user}`, HASH_SEED), 37)]! += 1;
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(200);
});

function descending(scores: readonly number[], length: number): number[] {
  return scores.slice(0, length).sort((a, b) => b - a);
}
