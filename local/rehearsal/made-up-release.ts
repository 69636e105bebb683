import { createHash } from "node:crypto";
import { buildCatalogue } from "../../release/catalogue.ts";
import { hashId } from "../../release/hash.ts";
import { buildModel, linearWeights } from "../../release/model.ts";
import { ProfileShardBuilder } from "../../release/profiles.ts";
import { ShardBuilder, shardOf } from "../../release/shard.ts";
import { ReleaseDraft, type WrittenRelease } from "../../trainer/release.ts";

/** A whole release, made up: what a rehearsal of publishing needs. */
export interface MadeUpRelease {
  readonly users: number;
  readonly items: number;
  readonly shards: number;
  /** Tells releases apart: every list of another variant is another list. */
  readonly variant: number;
  /** Profiles beside the lists: how many shards of them, and interactions of each user. */
  readonly profiles?: { readonly shards: number; readonly interactions: number };
}

const HASH_SEED = 1;
const LIST = 20;

/** Writes a small release into `directory`, as the trainer would. */
export async function writeMadeUpRelease(
  directory: string,
  shape: MadeUpRelease,
  now: Date,
): Promise<WrittenRelease> {
  const key = createHash("sha256").update(JSON.stringify(shape)).digest("hex");
  const draft = await ReleaseDraft.open(directory, key, now);
  const { users, items, shards, variant } = shape;
  await draft.put("catalogue", buildCatalogue(catalogueOf(items)));
  const rows = Float32Array.from({ length: items * 4 }, (_, at) => Math.sin(at * (variant + 1)));
  await draft.put("model/0", buildModel(linearWeights(rows, 4)));
  for (const [shard, members] of usersByShard(users, shards).entries()) {
    await draft.put(`l/${shard}`, shardOfLists(shape, shard, members));
  }
  await putProfiles(draft, shape);
  const metrics = { "ndcg@100": { mean: 0.4, ci95: [0.39, 0.41] as [number, number] } };
  return draft.finish({
    code: "0.0.0",
    dataset: { hash: `rehearsal-${variant}`, watermark: null, users, items, interactions: users },
    model: { name: "made-up", kind: "neural", dimensions: 4, settings: {} },
    metrics,
    baseline: { name: "popularity", metrics },
    gate: { passed: true, reasons: [], forced: false },
    ...(shape.profiles === undefined ? {} : { profiles: { shardCount: shape.profiles.shards } }),
    lists: { shardCount: shards, hashSeed: HASH_SEED, users, listLength: LIST },
  });
}

async function putProfiles(draft: ReleaseDraft, shape: MadeUpRelease): Promise<void> {
  const { users, profiles } = shape;
  if (profiles === undefined) return;
  for (const [shard, members] of usersByShard(users, profiles.shards).entries()) {
    await draft.put(`p/${shard}`, shardOfProfiles({ ...shape, profiles }, shard, members));
  }
}

/** The item ids that a user is to be served, best first. */
export function expectedList({ items, variant }: MadeUpRelease, user: number): string[] {
  return listOf(items, variant, user).map((item) => `item-${item}`);
}

function listOf(items: number, variant: number, user: number): number[] {
  return Array.from({ length: LIST }, (_, at) => (user * 7 + variant * 13 + at) % items);
}

function catalogueOf(items: number) {
  return Array.from({ length: items }, (_, item) => ({
    itemId: `item-${item}`,
    title: `Item ${item}`,
    categories: [`category-${item % 5}`],
    popularity: items - item,
  }));
}

/** The users of each shard, by one walk over all of them. */
function usersByShard(users: number, shards: number): number[][] {
  const members = Array.from({ length: shards }, (): number[] => []);
  for (let user = 0; user < users; user++) {
    members[shardOf(hashId(userId(user), HASH_SEED), shards)]!.push(user);
  }
  return members;
}

function shardOfLists(
  { items, shards, variant }: MadeUpRelease,
  shard: number,
  users: readonly number[],
): ArrayBuffer {
  const shape = { shard, shardCount: shards, hashSeed: HASH_SEED, itemCount: items };
  const builder = new ShardBuilder(shape);
  const scores = Array.from({ length: LIST }, (_, at) => LIST - at);
  for (const user of users) {
    builder.add(hashId(userId(user), HASH_SEED), listOf(items, variant, user), scores);
  }
  return builder.build();
}

function shardOfProfiles(
  { items, profiles }: Required<MadeUpRelease>,
  shard: number,
  users: readonly number[],
): ArrayBuffer {
  const shape = { shard, shardCount: profiles.shards, hashSeed: HASH_SEED, itemCount: items };
  const builder = new ProfileShardBuilder(shape);
  const weights = Array.from({ length: profiles.interactions }, (_, at) => 1 + (at % 5) / 4);
  const step = Math.floor(items / profiles.interactions);
  for (const user of users) {
    const own = weights.map((_, at) => at * step + ((user + at * at) % step));
    builder.add(hashId(userId(user), HASH_SEED), { items: own, weights });
  }
  return builder.build();
}

function userId(user: number): string {
  return `user-${user}`;
}
