/** Lists from profiles, as the edge folds them in: what a release can be served with before a trainer has made any. */
import { encodeProfile } from "./encode.ts";
import { listShardsOf } from "./lists-order.ts";
import type { ProfileShardView } from "./profiles.ts";
import type { Scan } from "./scan.ts";
import { LIST_LENGTH, ShardBuilder, shardOf } from "./shard.ts";
import { topK } from "./topk.ts";

/** A shard of lists, and how many users have one in it. */
export interface MadeShard {
  readonly shard: number;
  readonly value: ArrayBuffer;
  readonly users: number;
}

/** Where one shard of profiles and the lists made from it stand among all. */
export interface MakingShape {
  readonly profileShard: number;
  readonly profileShards: number;
  /** A multiple of the number of profile shards. */
  readonly shardCount: number;
  readonly hashSeed: number;
}

/**
 * The best items of every user of a profile shard, without those of the profile: the very list that
 * a fold-in of the profile gives. The same input gives the same bytes.
 */
export function listsFromProfiles(
  scan: Scan,
  profiles: ProfileShardView,
  { profileShard, profileShards, shardCount, hashSeed }: MakingShape,
): MadeShard[] {
  const itemCount = scan.model.items;
  const shards = listShardsOf(profileShard, shardCount, profileShards);
  const builders = new Map(
    shards.map((shard) => {
      return [shard, new ShardBuilder({ shard, shardCount, hashSeed, itemCount })] as const;
    }),
  );
  for (let row = 0; row < profiles.users; row++) {
    const hash = profiles.hash(row);
    const profile = profiles.profile(row);
    const scores = scan.score(encodeProfile(scan.model, profile));
    const { items, scores: best } = topK(scores, LIST_LENGTH, profile.items);
    builders.get(shardOf(hash, shardCount))!.add(hash, items, best);
  }
  return Array.from(builders, ([shard, builder]) => {
    return { shard, value: builder.build(), users: builder.users };
  });
}
