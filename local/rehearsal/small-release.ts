import { buildCatalogue } from "../../release/catalogue.ts";
import { hashId } from "../../release/hash.ts";
import { buildLinearModel } from "../../release/model.ts";
import { ShardBuilder, shardOf } from "../../release/shard.ts";
import { ReleaseDraft, type WrittenRelease } from "../../trainer/release.ts";

/** A small but whole release, made up: what a rehearsal of publishing needs. */
export interface SmallRelease {
  readonly users: number;
  readonly items: number;
  readonly shards: number;
  /** Tells releases apart: every list of another variant is another list. */
  readonly variant: number;
}

const HASH_SEED = 1;
const LIST = 20;

/** Writes a small release into `directory`, as the trainer would. */
export async function writeSmallRelease(
  directory: string,
  shape: SmallRelease,
  now: Date,
): Promise<WrittenRelease> {
  const draft = await ReleaseDraft.open(directory);
  const { users, items, shards, variant } = shape;
  await draft.put("catalogue", buildCatalogue(catalogueOf(items)));
  const rows = Float32Array.from({ length: items * 4 }, (_, at) => Math.sin(at * (variant + 1)));
  await draft.put("model/0", buildLinearModel(rows, items, 4));
  for (let shard = 0; shard < shards; shard++)
    await draft.put(`l/${shard}`, shardOfLists(shape, shard));
  const metrics = { "ndcg@100": { mean: 0.4, ci95: [0.39, 0.41] as [number, number] } };
  return draft.finish(
    {
      code: "0.0.0",
      dataset: { hash: `rehearsal-${variant}`, watermark: null, users, items, interactions: users },
      model: { name: "made-up", kind: "neural", dimensions: 4, settings: {} },
      metrics,
      baseline: { name: "popularity", metrics },
      gate: { passed: true, reasons: [], forced: false },
      lists: { shardCount: shards, hashSeed: HASH_SEED, users, listLength: LIST },
    },
    now,
  );
}

/** The item ids that a user is to be served, best first. */
export function expectedList({ items, variant }: SmallRelease, user: number): string[] {
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

function shardOfLists({ users, items, shards, variant }: SmallRelease, shard: number): ArrayBuffer {
  const shape = { shard, shardCount: shards, hashSeed: HASH_SEED, itemCount: items };
  const builder = new ShardBuilder(shape);
  const scores = Array.from({ length: LIST }, (_, at) => LIST - at);
  for (let user = 0; user < users; user++) {
    const hash = hashId(`user-${user}`, HASH_SEED);
    if (shardOf(hash, shards) === shard) builder.add(hash, listOf(items, variant, user), scores);
  }
  return builder.build();
}
