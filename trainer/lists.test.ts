import { expect, test } from "vitest";
import { hashId } from "../release/hash.ts";
import { LIST_LENGTH, ShardView, shardOf } from "../release/shard.ts";
import { type Csr, csrFromRows, rowIndices } from "./csr.ts";
import { type ListsInput, writeLists } from "./lists.ts";
import { seededRandom } from "./random.ts";

const ITEMS = 50;
const random = seededRandom(6);
const profiles = csrFromRows(
  Array.from({ length: 300 }, () =>
    Array.from({ length: ITEMS }, (_, item) => [item, 1] as const).filter(() => random() < 0.2),
  ),
  ITEMS,
);
const userIds = Array.from({ length: 300 }, (_, user) => `user ${user}`);

/** A score that depends on profile and item in no simple way. */
function scoreOf(profile: Uint32Array, item: number): number {
  return Math.sin((item + 1) * (profile.reduce((sum, seen) => sum + seen, 1) % 97));
}

const model = {
  name: "sine",
  score(batch: Csr, out: Float32Array) {
    for (let row = 0; row < batch.rows; row++) {
      for (let item = 0; item < ITEMS; item++) {
        out[row * ITEMS + item] = scoreOf(rowIndices(batch, row), item);
      }
    }
  },
};

/** The plain way: score, leave out the seen, sort. */
function expectedList(user: number): number[] {
  const seen = rowIndices(profiles, user);
  return Array.from({ length: ITEMS }, (_, item) => item)
    .filter((item) => !seen.includes(item))
    .sort((a, b) => Math.fround(scoreOf(seen, b)) - Math.fround(scoreOf(seen, a)) || a - b)
    .slice(0, LIST_LENGTH);
}

async function listsOf(input: Partial<ListsInput> = {}) {
  const shards: ShardView[] = [];
  const report = await writeLists({
    model,
    profiles,
    userIds,
    shardCount: 4,
    write: async (shard, value) => {
      shards[shard] = ShardView.from(value);
    },
    ...input,
  });
  return { report, shards };
}

test("every user's list is the plain way's, in the shard its hash names", async () => {
  const { report, shards } = await listsOf();
  expect(report).toMatchObject({ shardCount: 4, users: 300, listLength: LIST_LENGTH });
  userIds.forEach((id, user) => {
    const hash = hashId(id, report.hashSeed);
    const shard = shards[shardOf(hash, 4)]!;
    const row = shard.find(hash);
    expect(row).toBeGreaterThanOrEqual(0);
    expect(Array.from(shard.items(row))).toEqual(expectedList(user));
  });
});

test("who has seen nearly everything gets a short list, who has seen everything none", async () => {
  const all = Array.from({ length: ITEMS }, (_, item) => [item, 1] as const);
  const two = csrFromRows([all, all.slice(3)], ITEMS);
  const { report, shards } = await listsOf({ profiles: two, userIds: ["a", "b"], shardCount: 1 });
  expect(report.users).toBe(1);
  expect(shards[0]!.find(hashId("a", report.hashSeed))).toBe(-1);
  const row = shards[0]!.find(hashId("b", report.hashSeed));
  expect(Array.from(shards[0]!.items(row)).sort()).toEqual([0, 1, 2]);
});

test("when two users share a hash the next seed is taken", async () => {
  const colliding = (id: string, seed: number) => hashId(seed === 1 ? "same" : id, seed);
  const { report } = await listsOf({ hash: colliding });
  expect(report.hashSeed).toBe(2);
});

test("an id that occurs twice is an error, not an endless search", async () => {
  await expect(
    listsOf({ profiles: csrFromRows([[], []], ITEMS), userIds: ["a", "a"] }),
  ).rejects.toThrow(/a user id must be in the dataset twice/);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])("a score of %s stops the lists", async (bad) => {
  const broken = { name: "broken", score: (_: Csr, out: Float32Array) => void out.fill(bad) };
  await expect(listsOf({ model: broken })).rejects.toThrow(/scores that are not finite/);
});

test("progress ends at all users", async () => {
  const fractions: number[] = [];
  await listsOf({ onProgress: ({ fraction }) => fractions.push(fraction!) });
  expect(fractions.at(-1)).toBe(1);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
});
