/** The profiles that a release carries. */
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
}

/** Every user's profile, shard by shard: the values `p/<n>` of a release. */
export function* shardsOfProfiles(
  input: ProfilesInput,
): Generator<{ key: string; value: ArrayBuffer }> {
  const { profiles, userIds, hashSeed } = input;
  const shardCount = profileShardCountFor(userIds.length, profiles.indices.length);
  const users = Array.from({ length: shardCount }, (): number[] => []);
  userIds.forEach((id, user) => {
    users[shardOf(hashId(id, hashSeed), shardCount)]!.push(user);
  });
  for (let shard = 0; shard < shardCount; shard++) {
    const shape = { shard, shardCount, hashSeed, itemCount: profiles.cols };
    const builder = new ProfileShardBuilder(shape);
    for (const user of users[shard]!) {
      const items = rowIndices(profiles, user);
      const start = profiles.offsets[user]!;
      const weights = profiles.values.subarray(start, start + items.length);
      builder.add(hashId(userIds[user]!, hashSeed), { items, weights });
    }
    yield { key: `p/${shard}`, value: builder.build() };
  }
}
