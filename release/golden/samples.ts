/** The values in this folder as they are built: small, fixed, and with every corner of their format. */
import { buildCatalogue, type CatalogueItem } from "../catalogue.ts";
import { noiseModel } from "../fixtures/noise-model.ts";
import { hashId } from "../hash.ts";
import type { ValueRecord } from "../manifest.ts";
import { buildModel, linearWeights } from "../model.ts";
import type { Pointer } from "../pointer.ts";
import { ProfileShardBuilder } from "../profiles.ts";
import { ShardBuilder } from "../shard.ts";

const HASH_SEED = 7;

/** Builds each binary sample, by the name of its file. */
export const BINARY_SAMPLES: Readonly<Record<string, () => ArrayBuffer>> = {
  catalogue: () => buildCatalogue(CATALOGUE),
  "catalogue-empty": () => buildCatalogue([]),
  shard: () => shard(5),
  "shard-wide": () => shard(70_000),
  "shard-empty": () => shard(5, []),
  profiles: () => profileShard(PROFILES),
  "profiles-one-weight": () => profileShard([["ada", [0, 4], [1, 1]]]),
  "model-linear": () =>
    buildModel(linearWeights(Float32Array.of(0.6, -0.8, 1, 0, 0, 0, -0.25, 0.125), 2)),
  model: () => noiseModel(3, { linear: 4, hidden: 2 }),
};

const CATALOGUE: readonly CatalogueItem[] = [
  item("1", "Toy Story (1995)", ["Animation", "Comedy"], 215, 1995),
  item("2", "Солярис 🚀", ["Sci-Fi"], 40, 1972),
  item("it+happened+in+saint-tropez+2013", "", [], 0, null),
  item("ß", "Die Straße", ["Comedy"], 215, null),
];

function item(
  itemId: string,
  title: string,
  categories: readonly string[],
  popularity: number,
  year: number | null,
): CatalogueItem {
  return { itemId, title, categories, popularity, year };
}

/** Users with a full list, a list of one, and a list of equal scores. */
const LISTS: readonly (readonly [user: string, items: number[], scores: number[]])[] = [
  ["ada", [4, 0, 2], [9.5, 9, -1]],
  ["grace", [3], [0.125]],
  ["мария", [1, 2], [2, 2]],
];

function shard(itemCount: number, lists = LISTS): ArrayBuffer {
  const builder = new ShardBuilder({ shard: 0, shardCount: 1, hashSeed: HASH_SEED, itemCount });
  for (const [user, items, scores] of lists) builder.add(hashId(user, HASH_SEED), items, scores);
  return builder.build();
}

/** Users with an odd and an even number of items, a gap of two bytes, and nothing at all. */
const PROFILES: typeof LISTS = [
  ["ada", [0, 1, 300], [1, 0, 0.5]],
  ["grace", [2, 499], [0.25, 1]],
  ["мария", [], []],
];

function profileShard(profiles: typeof LISTS): ArrayBuffer {
  const shape = { shard: 0, shardCount: 1, hashSeed: HASH_SEED, itemCount: 500 };
  const builder = new ProfileShardBuilder(shape);
  for (const [user, items, weights] of profiles) {
    builder.add(hashId(user, HASH_SEED), { items, weights });
  }
  return builder.build();
}

/** Users that `read.ts` looks for in a shard: those in it, and one who is not there. */
export const SAMPLE_USERS = [...LISTS.map(([user]) => user), "nobody"];
export const SAMPLE_HASH_SEED = HASH_SEED;

/** A pointer of an experiment. */
export const POINTER_SAMPLE: Pointer = {
  arms: [
    { release: "20260101-000000-aaaaaaaa", weight: 3 },
    { release: "20260102-000000-bbbbbbbb", weight: 1 },
  ],
  salt: "pepper",
  previous: null,
  generation: 2,
  changedAt: "2026-01-02T03:04:05.678Z",
};

/** The list of a large release's shards. */
export const CHECKSUMS_SAMPLE: readonly ValueRecord[] = [
  { key: "l/0", bytes: 76_120, sha256: "0123456789abcdef".repeat(4) },
  { key: "l/24999", bytes: 1, sha256: "f".repeat(64) },
  { key: "p/0", bytes: 0, sha256: "0".repeat(64) },
];
