import fc from "fast-check";
import { expect, test } from "vitest";
import { hashId } from "../release/hash.ts";
import { shardOf } from "../release/shard.ts";
import { planLists, usersByShard } from "./lists-plan.ts";

test("every user is in the shard that their hash names, once, in order", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1 })),
      fc.integer({ min: 1, max: 9 }),
      (ids, shardCount) => {
        const { plan, hashes } = planLists(ids, { shardCount });
        const { offsets, users } = usersByShard(hashes, shardCount);
        const expected = Array.from({ length: shardCount }, (_, shard) =>
          [...ids.keys()].filter(
            (user) => shardOf(hashId(ids[user]!, plan.hashSeed), shardCount) === shard,
          ),
        );
        const found = expected.map((_, shard) =>
          Array.from(users.subarray(offsets[shard], offsets[shard + 1])),
        );
        expect(found).toEqual(expected);
      },
    ),
  );
});

test("when two users share a hash the next seed is taken", () => {
  const colliding = (id: string, seed: number) => hashId(seed === 1 ? "same" : id, seed);
  expect(planLists(["a", "b"], { hash: colliding }).plan.hashSeed).toBe(2);
});

test("an id that occurs twice is an error, not an endless search", () => {
  expect(() => planLists(["a", "a"])).toThrow(/a user id must be in the dataset twice/);
});

test.each([
  { candidates: 19 },
  { candidates: 1e6 },
  { candidates: 100, lambda: 1.1 },
  { candidates: 100, lambda: Number.NaN },
  { candidates: 100, perCategory: { most: 0, window: 5 } },
])("a diversity of %o is refused", (diversity) => {
  expect(() => planLists(["a"], { diversity })).toThrow(/can be re-ranked from 20/);
});
