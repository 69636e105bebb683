import { expect, test } from "vitest";
import { hashId } from "../release/hash.ts";
import { LIST_LENGTH, ShardView, shardOf } from "../release/shard.ts";
import { topK } from "../release/topk.ts";
import { csrFromRows, rowIndices } from "./csr.ts";
import { exampleJob, type JobSize } from "./fixtures/lists-job.ts";
import { type ListsInput, type ListsOptions, writeLists } from "./lists.ts";
import { encodeProfiles } from "./models/encode.ts";

const SMALL: JobSize = { users: 300, items: 500, dimensions: 24, shardCount: 4 };

async function listsOf(input: ListsInput, options: ListsOptions = {}, before = new Set<number>()) {
  const values: ArrayBuffer[] = [];
  const store = {
    kept: async (shard: number) => (before.has(shard) ? 7 : null),
    write: async (shard: number, value: ArrayBuffer) => {
      values[shard] = value;
    },
  };
  const report = await writeLists(input, store, options);
  return { report, values };
}

/** The lists in a set of shards, by user id; null without one. */
function reader(values: ArrayBuffer[], { plan }: ListsInput) {
  const shards = values.map((value) => ShardView.from(value));
  return (userId: string) => {
    const hash = hashId(userId, plan.hashSeed);
    const shard = shards[shardOf(hash, plan.shardCount)]!;
    const row = shard.find(hash);
    return row < 0 ? null : Array.from(shard.items(row));
  };
}

/** The plain way: every product in a double, and the best of them. */
function plainList({ served, profiles }: ListsInput, user: number, length = LIST_LENGTH) {
  const { dimensions, rows } = served;
  const vectors = new Float32Array(profiles.rows * dimensions);
  encodeProfiles(served, profiles, vectors);
  const scores = Float32Array.from({ length: profiles.cols }, (_, item) => {
    let sum = 0;
    for (let d = 0; d < dimensions; d++) {
      sum += vectors[user * dimensions + d]! * rows[item * dimensions + d]!;
    }
    return sum;
  });
  return Array.from(topK(scores, length, rowIndices(profiles, user)).items);
}

test("every user's list is the plain way's, in the shard its hash names", async () => {
  const { job, userIds } = exampleJob(SMALL);
  const { report, values } = await listsOf(job);
  expect(report).toMatchObject({ users: 300, made: 4, kept: 0 });
  const listOf = reader(values, job);
  userIds.forEach((id, user) => {
    expect(listOf(id)).toEqual(plainList(job, user));
  });
});

test("one thread and several give the same bytes", async () => {
  const { job } = exampleJob({ ...SMALL, shardCount: 9 });
  const [one, three] = await Promise.all([
    listsOf(job, { threads: 1 }),
    listsOf(job, { threads: 3 }),
  ]);
  expect(three.values).toEqual(one.values);
});

test("shares make every shard once between them", async () => {
  const { job } = exampleJob({ ...SMALL, shardCount: 5 });
  const whole = await listsOf(job);
  const shares = [1, 2, 3].map((part) => listsOf(job, { threads: 1, share: { part, of: 3 } }));
  const values: ArrayBuffer[] = [];
  for (const { values: some, report } of await Promise.all(shares)) {
    expect(report.made).toBeLessThan(5);
    some.forEach((value, shard) => {
      expect(values[shard]).toBeUndefined();
      values[shard] = value;
    });
  }
  expect(values).toEqual(whole.values);
});

test("shards that are there are not made again, and their users count", async () => {
  const { job } = exampleJob(SMALL);
  const whole = await listsOf(job);
  const { report, values } = await listsOf(job, {}, new Set([1, 2]));
  expect(report).toMatchObject({ made: 2, kept: 2 });
  expect(values[1]).toBeUndefined();
  expect(values[0]).toEqual(whole.values[0]);
  expect(values[3]).toEqual(whole.values[3]);
});

test("who has seen nearly everything gets a short list, who has seen everything an empty one", async () => {
  const { job } = exampleJob({ users: 2, items: 50, dimensions: 8 });
  const all = Array.from({ length: 50 }, (_, item) => [item, 1] as const);
  const input = { ...job, profiles: csrFromRows([all, all.slice(3)], 50) };
  const { report, values } = await listsOf(input);
  expect(report.users).toBe(2);
  const listOf = reader(values, job);
  expect(listOf("user 0")).toEqual([]);
  expect(listOf("user 1")!.sort()).toEqual([0, 1, 2]);
});

test("re-ranked lists keep the best item and hold no category more often than allowed", async () => {
  const diversity = { candidates: 100, lambda: 0.7, perCategory: { most: 2, window: 7 } };
  const { job, userIds } = exampleJob({ ...SMALL, diversity });
  const listOf = reader((await listsOf(job)).values, job);
  let moved = 0;
  userIds.forEach((id, user) => {
    const list = listOf(id)!;
    const best = plainList(job, user, diversity.candidates);
    expect(new Set(list).size).toBe(LIST_LENGTH);
    expect(list[0]).toBe(best[0]);
    expect(best).toEqual(expect.arrayContaining(list));
    for (let at = 0; at + 7 <= list.length; at++) {
      const counts = new Array(7).fill(0);
      for (const item of list.slice(at, at + 7)) counts[item % 7]++;
      expect(Math.max(...counts)).toBeLessThanOrEqual(2);
    }
    if (list.some((item) => !best.slice(0, LIST_LENGTH).includes(item))) moved++;
  });
  expect(moved).toBeGreaterThan(100);
});

test("a model with a weight that is no number stops the lists", async () => {
  const { job } = exampleJob(SMALL);
  job.served.rows[24 * 11] = Number.NaN;
  await expect(listsOf(job)).rejects.toThrow(/vector of item 11 is not of finite numbers/);
});

test("a failure in a thread arrives with its code", async () => {
  const { job } = exampleJob(SMALL);
  job.profiles.values[job.profiles.offsets[5]!] = Number.POSITIVE_INFINITY;
  await expect(listsOf(job)).rejects.toMatchObject({
    code: "SCORES_NOT_FINITE",
    message: expect.stringContaining("user 5 of the dataset"),
  });
});

test("a store that cannot write stops the lists", async () => {
  const { job } = exampleJob(SMALL);
  const store = { kept: async () => null, write: () => Promise.reject(new Error("disk full")) };
  await expect(writeLists(job, store)).rejects.toThrow("disk full");
});

test("an aborted run ends with the signal's reason", async () => {
  const { job } = exampleJob({ ...SMALL, users: 3_000 });
  const controller = new AbortController();
  const store = {
    kept: async () => null,
    write: async () => controller.abort(new Error("enough")),
  };
  await expect(writeLists(job, store, { signal: controller.signal })).rejects.toThrow("enough");
});

test("progress ends at all users and says the rate", async () => {
  const { job } = exampleJob(SMALL);
  const said: { message: string; fraction?: number }[] = [];
  await listsOf(job, { onProgress: (progress) => said.push(progress) });
  expect(said.at(-1)).toMatchObject({ fraction: 1 });
  expect(said.at(-1)!.message).toMatch(/^300 of 300 users, [\d,]+ a second, 0 s left$/);
});
