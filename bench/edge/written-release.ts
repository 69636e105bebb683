/** Releases of any size, written as files under their KV keys, whose every answer can be foretold. */
import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { buildCatalogue } from "../../release/catalogue.ts";
import { noiseModel } from "../../release/fixtures/noise-model.ts";
import { hashId } from "../../release/hash.ts";
import {
  catalogueKey,
  manifestKey,
  modelKey,
  POINTER_KEY,
  profileShardKey,
  shardKey,
} from "../../release/keys.ts";
import { ProfileShardBuilder, profileShardCountFor } from "../../release/profiles.ts";
import { LIST_LENGTH, ShardBuilder, shardCountFor, shardOf } from "../../release/shard.ts";

const HASH_SEED = 1;
const PROFILE_LENGTH = 50;
const CATEGORIES = ["Action", "Comedy", "Crime", "Drama", "Horror", "Romance", "Western"];

export interface ReleaseShape {
  readonly id: string;
  /** Begins every item id: two releases with different ones share no item. */
  readonly prefix: string;
  readonly users: number;
  readonly items: number;
  readonly dimensions: number;
}

/** Item indices of a user's list: distinct, and different for each user and release. */
function listOf({ id, items }: ReleaseShape, user: number): number[] {
  const { hi, lo } = hashId(`${id} ${user}`, 7);
  // An odd step is prime to no more than it must be: the stride walks distinct items.
  const stride = 1 + (lo % Math.floor(items / LIST_LENGTH));
  return Array.from({ length: LIST_LENGTH }, (_, at) => (hi + at * stride) % items);
}

/** The answer of `GET /recommend/u<user>` when the release serves. */
export function expectedText(shape: ReleaseShape, user: number): string {
  return listOf(shape, user)
    .map((item) => itemId(shape, item))
    .join(",");
}

function itemId({ prefix }: ReleaseShape, item: number): string {
  return `${prefix}${item}`;
}

/** Writes every value of a release below `directory`, each in a file named by its key. */
export async function writeRelease(directory: string, shape: ReleaseShape): Promise<void> {
  const { id, items, users, dimensions } = shape;
  const put = (key: string, value: ArrayBuffer | string) => writeKey(directory, key, value);
  await put(
    catalogueKey(id),
    buildCatalogue(
      Array.from({ length: items }, (_, item) => ({
        itemId: itemId(shape, item),
        title: `The ${CATEGORIES[item % 7]} of Number ${item}`,
        categories: [CATEGORIES[item % 7]!, CATEGORIES[(item >>> 3) % 7]!],
        popularity: items - item,
        year: 1950 + (item % 75),
      })),
    ),
  );
  await put(modelKey(id, 0), noiseModel(items, { linear: dimensions }));
  const shardCount = shardCountFor(users);
  const profileShards = profileShardCountFor(users, users * PROFILE_LENGTH);
  const members = usersByShard(users, shardCount);
  for (const [shard, own] of members.entries()) {
    await put(shardKey(id, shard), shardOfUsers(shape, shard, shardCount, own));
  }
  for (const [shard, own] of usersByShard(users, profileShards).entries()) {
    await put(profileShardKey(id, shard), profilesOfUsers(shape, shard, profileShards, own));
  }
  await put(manifestKey(id), JSON.stringify(manifest(shape, shardCount, profileShards)));
}

/** Makes a release the one that serves: the one write that a flip is. */
export function activate(directory: string, release: string, previous: string | null) {
  const arms = [{ release, weight: 1 }];
  const changedAt = new Date().toISOString();
  const pointer = { arms, salt: "bench", previous, generation: 1, changedAt };
  return writeKey(directory, POINTER_KEY, JSON.stringify(pointer));
}

async function writeKey(directory: string, key: string, value: ArrayBuffer | string) {
  const file = path.join(directory, key);
  await mkdir(path.dirname(file), { recursive: true });
  // KV never shows half a value.
  await writeFile(`${file}.part`, typeof value === "string" ? value : new Uint8Array(value));
  await rename(`${file}.part`, file);
}

function usersByShard(users: number, shardCount: number): number[][] {
  const members = Array.from({ length: shardCount }, (): number[] => []);
  for (let user = 0; user < users; user++) {
    members[shardOf(hashId(`u${user}`, HASH_SEED), shardCount)]!.push(user);
  }
  return members;
}

function shardOfUsers(shape: ReleaseShape, shard: number, shardCount: number, users: number[]) {
  const itemCount = shape.items;
  const builder = new ShardBuilder({ shard, shardCount, hashSeed: HASH_SEED, itemCount });
  const scores = Float32Array.from({ length: LIST_LENGTH }, (_, at) => LIST_LENGTH - at);
  for (const user of users) {
    builder.add(hashId(`u${user}`, HASH_SEED), listOf(shape, user), scores);
  }
  return builder.build();
}

function profilesOfUsers(shape: ReleaseShape, shard: number, shardCount: number, users: number[]) {
  const itemCount = shape.items;
  const builder = new ProfileShardBuilder({ shard, shardCount, hashSeed: HASH_SEED, itemCount });
  const weights = new Float32Array(PROFILE_LENGTH).fill(1);
  for (const user of users) {
    const listed = new Set(listOf(shape, user));
    const items = new Set<number>();
    for (let at = 0; items.size < PROFILE_LENGTH; at++) {
      const item = hashId(`${user} ${at}`, 3).hi % itemCount;
      if (!listed.has(item)) items.add(item);
    }
    const ascending = Uint32Array.from(items).sort();
    builder.add(hashId(`u${user}`, HASH_SEED), { items: ascending, weights });
  }
  return builder.build();
}

function manifest(shape: ReleaseShape, shardCount: number, profileShards: number) {
  const { id, users, items, dimensions } = shape;
  const value = { bytes: 1, sha256: "0".repeat(64) };
  return {
    format: 1,
    release: id,
    createdAt: new Date().toISOString(),
    code: "bench",
    dataset: { hash: id, watermark: null, users, items, interactions: users * PROFILE_LENGTH },
    model: { name: "noise", kind: "linear", dimensions, settings: {} },
    metrics: {},
    baseline: { name: "none", metrics: {} },
    gate: { passed: true, reasons: [], forced: false },
    lists: { shardCount, hashSeed: HASH_SEED, users, listLength: LIST_LENGTH },
    profiles: { shardCount: profileShards },
    values: [
      { key: "catalogue", ...value },
      { key: "model/0", ...value },
    ],
  };
}
