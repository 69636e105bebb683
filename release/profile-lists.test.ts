import { expect, test } from "vitest";
import { noise, noiseModel } from "./fixtures/noise-model.ts";
import { foldIn } from "./foldin.ts";
import { hashId } from "./hash.ts";
import { listShardsOf } from "./lists-order.ts";
import { ModelView } from "./model.ts";
import { listsFromProfiles } from "./profile-lists.ts";
import { ProfileShardBuilder, ProfileShardView } from "./profiles.ts";
import { plainScan } from "./scan.ts";
import { ShardView, shardOf } from "./shard.ts";
import { topK } from "./topk.ts";

const ITEMS = 60;
const USERS = 200;
const SHAPE = { profileShards: 2, shardCount: 6, hashSeed: 3 };
const model = ModelView.from(noiseModel(ITEMS, { linear: 12, hidden: 9, outputs: 5 }));

function profileOf(user: number) {
  const next = noise(user + 1);
  const items = [...Array(ITEMS).keys()].filter(() => next() > 0.6);
  return { items, weights: items.map((item) => (item % 3) / 2) };
}

function profileShard(shard: number): ProfileShardView {
  const { profileShards: shardCount, hashSeed } = SHAPE;
  const builder = new ProfileShardBuilder({ shard, shardCount, hashSeed, itemCount: ITEMS });
  for (let user = 0; user < USERS; user++) {
    const hash = hashId(`u${user}`, hashSeed);
    if (shardOf(hash, shardCount) === shard) builder.add(hash, profileOf(user));
  }
  return ProfileShardView.from(builder.build());
}

test("everybody's list is what a fold-in of their profile gives, in the shard where it is looked for", () => {
  const shards = new Map<number, ShardView>();
  let listed = 0;
  for (let shard = 0; shard < SHAPE.profileShards; shard++) {
    const made = listsFromProfiles(plainScan(model), profileShard(shard), {
      ...SHAPE,
      profileShard: shard,
    });
    for (const { shard: number, value, users } of made) {
      shards.set(number, ShardView.from(value));
      listed += users;
    }
  }
  expect(listed).toBe(USERS);
  for (let user = 0; user < USERS; user++) {
    const hash = hashId(`u${user}`, SHAPE.hashSeed);
    const view = shards.get(shardOf(hash, SHAPE.shardCount))!;
    const profile = profileOf(user);
    const scores = new Float32Array(ITEMS);
    foldIn(model, profile, scores);
    const expected = topK(scores, 20, profile.items).items;
    expect([...view.items(view.find(hash))]).toEqual([...expected]);
  }
});

test("every shard of lists is made from exactly one shard of profiles", () => {
  const all = [0, 1, 2].flatMap((shard) => listShardsOf(shard, 12, 3));
  expect(all.sort((a, b) => a - b)).toEqual([...Array(12).keys()]);
});
