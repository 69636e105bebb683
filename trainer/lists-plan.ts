/** What is decided about a release's lists before the first is made: where every user's list goes. */
import { UsherError } from "../release/error.ts";
import { hashId, type IdHash } from "../release/hash.ts";
import { LIST_LENGTH, shardCountFor, shardOf } from "../release/shard.ts";

/** Re-ranking of lists; release/rerank.ts. */
export interface ListDiversity {
  /** Best items of a user that are re-ranked, 20 or more. */
  candidates: number;
  /** Maximal marginal relevance over item vectors: 1 keeps the order of scores. */
  lambda?: number | undefined;
  /** At most `most` items of a category among `window` in a row. */
  perCategory?: { most: number; window: number } | undefined;
}

export interface ListsPlan {
  shardCount: number;
  hashSeed: number;
  listLength: number;
  /** Absent: lists are in the order of scores. */
  diversity?: ListDiversity;
}

export interface PlanOptions {
  /** First hash seed to try. Default 1. */
  hashSeed?: number;
  /** Default: what the number of users calls for. */
  shardCount?: number;
  diversity?: ListDiversity | undefined;
  hash?: (id: string, seed: number) => IdHash;
}

const MAX_SEEDS = 16;

/**
 * The plan, and the hashes of all users (hi, lo for each) in shared memory.
 *
 * Throws `HASH_COLLISION` when no hash seed keeps the users apart (which means that an id occurs
 * twice), `DIVERSITY_INVALID` when a setting is out of range.
 */
export function planLists(
  userIds: readonly string[],
  options: PlanOptions = {},
): { plan: ListsPlan; hashes: Uint32Array } {
  const { diversity } = options;
  if (diversity !== undefined) requireSensible(diversity);
  const { seed, hashes } = distinctHashes(userIds, options.hashSeed ?? 1, options.hash ?? hashId);
  const plan = {
    shardCount: options.shardCount ?? shardCountFor(userIds.length),
    hashSeed: seed,
    listLength: LIST_LENGTH,
    ...(diversity === undefined ? {} : { diversity }),
  };
  return { plan, hashes };
}

/** Throws `DIVERSITY_INVALID` when a setting is out of range. */
export function requireSensible({ candidates, lambda = 1, perCategory }: ListDiversity): void {
  const counts = [candidates, perCategory?.most ?? 1, perCategory?.window ?? 1];
  const fits = counts.every((count) => Number.isInteger(count) && count >= 1);
  if (fits && candidates >= LIST_LENGTH && candidates <= 1000 && lambda >= 0 && lambda <= 1) return;
  throw new UsherError(
    "DIVERSITY_INVALID",
    `Lists can be re-ranked from ${LIST_LENGTH} to 1,000 candidates, with a lambda from 0 to 1 and ` +
      "whole numbers for the limit of a category and its window.",
  );
}

function distinctHashes(
  userIds: readonly string[],
  firstSeed: number,
  hash: (id: string, seed: number) => IdHash,
): { seed: number; hashes: Uint32Array } {
  const hashes = new Uint32Array(new SharedArrayBuffer(8 * userIds.length));
  for (let seed = firstSeed; seed < firstSeed + MAX_SEEDS; seed++) {
    userIds.forEach((id, user) => {
      const { hi, lo } = hash(id, seed);
      hashes[2 * user] = hi;
      hashes[2 * user + 1] = lo;
    });
    if (allDistinct(hashes)) return { seed, hashes };
  }
  throw new UsherError(
    "HASH_COLLISION",
    `${MAX_SEEDS} hash seeds from ${firstSeed} on each give two users the same hash; a user id ` +
      "must be in the dataset twice.",
  );
}

function allDistinct(hashes: Uint32Array): boolean {
  const keys = new BigUint64Array(hashes.slice().buffer).sort();
  for (let at = 1; at < keys.length; at++) if (keys[at] === keys[at - 1]) return false;
  return true;
}

/** Rows of the users of each shard: `users[offsets[shard] .. offsets[shard + 1])`. */
export interface ShardMembers {
  offsets: Uint32Array;
  users: Uint32Array;
}

/** A counting sort of all users by shard, in shared memory. */
export function usersByShard(hashes: Uint32Array, shardCount: number): ShardMembers {
  const count = hashes.length / 2;
  const shardOfUser = (user: number) =>
    shardOf({ hi: hashes[2 * user]!, lo: hashes[2 * user + 1]! }, shardCount);
  const offsets = new Uint32Array(new SharedArrayBuffer(4 * (shardCount + 1)));
  for (let user = 0; user < count; user++) offsets[shardOfUser(user) + 1]!++;
  for (let shard = 0; shard < shardCount; shard++) offsets[shard + 1]! += offsets[shard]!;
  const next = offsets.slice(0, shardCount);
  const users = new Uint32Array(new SharedArrayBuffer(4 * count));
  for (let user = 0; user < count; user++) users[next[shardOfUser(user)]!++] = user;
  return { offsets, users };
}
