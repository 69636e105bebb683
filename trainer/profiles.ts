/** The profiles that a release carries, written shard by shard. */
import { hashId } from "../release/hash.ts";
import { ProfileShardBuilder, profileShardCountFor } from "../release/profiles.ts";
import { shardOf } from "../release/shard.ts";
import { type Csr, rowIndices } from "./csr.ts";

export interface ProfilesInput {
  /** What users interacted with, weighted as in training: users x items. */
  profiles: Csr;
  /** Row `r` of the profiles is `userIds[r]`. */
  userIds: readonly string[];
  /** The seed that keeps users apart in the lists. */
  hashSeed: number;
  /** Takes one finished shard (key `p/<n>`), in ascending order. */
  write: (shard: number, value: ArrayBuffer) => Promise<void>;
}

/** Writes every user's profile. Memory: one shard, and 8 bytes a user. */
export async function writeProfiles(input: ProfilesInput): Promise<{ shardCount: number }> {
  const { profiles, userIds, hashSeed, write } = input;
  const shardCount = profileShardCountFor(userIds.length, profiles.indices.length);
  const users = Array.from({ length: shardCount }, (): number[] => []);
  userIds.forEach((id, user) => {
    users[shardOf(hashId(id, hashSeed), shardCount)]!.push(user);
  });
  for (let shard = 0; shard < shardCount; shard++) {
    const builder = new ProfileShardBuilder({
      shard,
      shardCount,
      hashSeed,
      itemCount: profiles.cols,
    });
    for (const user of users[shard]!) {
      const items = rowIndices(profiles, user);
      const start = profiles.offsets[user]!;
      const weights = profiles.values.subarray(start, start + items.length);
      builder.add(hashId(userIds[user]!, hashSeed), { items, weights });
    }
    await write(shard, builder.build());
  }
  return { shardCount };
}
