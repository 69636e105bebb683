import { expect, test } from "vitest";
import { hashId } from "../../release/hash.ts";
import { ShardView, shardOf } from "../../release/shard.ts";
import { topK } from "../../release/topk.ts";
import { rowIndices } from "../csr.ts";
import { hiddenModel } from "../fixtures/hidden-model.ts";
import { exampleJob } from "../fixtures/lists-job.ts";
import { type ListsInput, type ListsOptions, writeLists } from "../lists.ts";
import { encodeProfiles } from "../models/encode.ts";

const SIZE = { items: 700, linear: 45, outputs: 38, hidden: 300 };

function exampleInput() {
  const { job, userIds } = exampleJob({ users: 900, items: 700, dimensions: 1, shardCount: 5 });
  return { input: { ...job, served: hiddenModel(SIZE) } satisfies ListsInput, userIds };
}

async function shardsOf(input: ListsInput, options: ListsOptions): Promise<ArrayBuffer[]> {
  const values: ArrayBuffer[] = [];
  const store = {
    kept: async () => null,
    write: async (shard: number, value: ArrayBuffer) => {
      values[shard] = value;
    },
  };
  await writeLists(input, store, options);
  return values;
}

/** The plain way: vectors by plain loops, every product in a double, and the best of them. */
function plainLists({ served, profiles }: ListsInput): Uint32Array[] {
  const { dimensions, rows } = served;
  const vectors = new Float32Array(profiles.rows * dimensions);
  encodeProfiles(served, profiles, vectors);
  return Array.from({ length: profiles.rows }, (_, user) => {
    const scores = Float32Array.from({ length: profiles.cols }, (_, item) => {
      let sum = 0;
      for (let d = 0; d < dimensions; d++) {
        sum += vectors[user * dimensions + d]! * rows[item * dimensions + d]!;
      }
      return sum;
    });
    return topK(scores, 20, rowIndices(profiles, user)).items;
  });
}

test("with a hidden layer, lists are the plain way's up to rounding", async () => {
  const { input, userIds } = exampleInput();
  const shards = (await shardsOf(input, { threads: 2 })).map((value) => ShardView.from(value));
  const { hashSeed, shardCount } = input.plan;
  let shared = 0;
  plainLists(input).forEach((plain, user) => {
    const hash = hashId(userIds[user]!, hashSeed);
    const shard = shards[shardOf(hash, shardCount)]!;
    const list = new Set(shard.items(shard.find(hash)));
    shared += plain.filter((item) => list.has(item)).length;
  });
  expect(shared / (20 * userIds.length)).toBeGreaterThanOrEqual(0.999);
});

test("with a hidden layer, any number of threads and shares makes the same bytes", async () => {
  const { input } = exampleInput();
  const one = await shardsOf(input, { threads: 1 });
  expect(await shardsOf(input, { threads: 3 })).toEqual(one);
  for (const part of [1, 2]) {
    const some = await shardsOf(input, { threads: 2, share: { part, of: 2 } });
    some.forEach((value, shard) => {
      expect(value).toEqual(one[shard]);
    });
  }
});
