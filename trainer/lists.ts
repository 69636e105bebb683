/**
 * The top 20 of every user, without what they have seen, written shard by shard.
 */
import { UsherError } from "../release/error.ts";
import { hashId, type IdHash } from "../release/hash.ts";
import { LIST_LENGTH, ShardBuilder, shardCountFor, shardOf } from "../release/shard.ts";
import { topK } from "../release/topk.ts";
import { type Csr, rowIndices, selectRows } from "./csr.ts";
import type { Recommender } from "./models/model.ts";
import type { OnProgress } from "./progress.ts";

export interface ListsInput {
  model: Pick<Recommender, "name" | "score">;
  /** Profiles of all users, weighted as in training: users x items. */
  profiles: Csr;
  /** Row `r` of the profiles is `userIds[r]`. */
  userIds: readonly string[];
  /** Takes one finished shard (key `l/<n>`), in ascending order. */
  write: (shard: number, value: ArrayBuffer) => Promise<void>;
  /** First hash seed to try. Default 1. */
  hashSeed?: number;
  /** Default: what the number of users calls for. */
  shardCount?: number;
  hash?: (id: string, seed: number) => IdHash;
  onProgress?: OnProgress | undefined;
  signal?: AbortSignal | undefined;
}

export interface ListsReport {
  shardCount: number;
  hashSeed: number;
  /** Users that have a list; whoever has seen everything has none. */
  users: number;
  listLength: number;
  seconds: number;
}

/** Scores held in memory at once: 8 M floats, 32 MB. */
const BLOCK_SCORES = 8_000_000;
const MAX_SEEDS = 16;

/**
 * Scores every user in blocks and writes the shards. Memory: one block of scores, one shard of
 * lists, and 16 bytes a user.
 *
 * Throws `SCORES_NOT_FINITE` when the model's scores are not numbers, `HASH_COLLISION` when no hash
 * seed keeps the users apart (which means that an id occurs twice).
 */
export async function writeLists(input: ListsInput): Promise<ListsReport> {
  const started = performance.now();
  const { model, profiles, userIds, write, onProgress, signal } = input;
  const shardCount = input.shardCount ?? shardCountFor(userIds.length);
  const { seed: hashSeed, hashes } = distinctHashes(userIds, input.hashSeed ?? 1, input.hash);
  const members = usersByShard(hashes, shardCount);
  const block = Math.max(1, Math.min(userIds.length, Math.floor(BLOCK_SCORES / profiles.cols)));
  const scores = new Float32Array(block * profiles.cols);
  let listed = 0;
  let done = 0;
  for (let shard = 0; shard < shardCount; shard++) {
    const builder = new ShardBuilder({ shard, shardCount, hashSeed, itemCount: profiles.cols });
    const users = members.users.subarray(members.offsets[shard]!, members.offsets[shard + 1]!);
    for (let start = 0; start < users.length; start += block) {
      signal?.throwIfAborted();
      const some = users.subarray(start, start + block);
      model.score(selectRows(profiles, some), scores.subarray(0, some.length * profiles.cols));
      for (let row = 0; row < some.length; row++) {
        const user = some[row]!;
        const own = scores.subarray(row * profiles.cols, (row + 1) * profiles.cols);
        const best = topK(own, LIST_LENGTH, rowIndices(profiles, user));
        requireFinite(model.name, userIds[user]!, own, best.scores, rowIndices(profiles, user));
        if (best.items.length === 0) continue;
        builder.add({ hi: hashes[2 * user]!, lo: hashes[2 * user + 1]! }, best.items, best.scores);
        listed++;
      }
      done += some.length;
      onProgress?.(pace(done, userIds.length, started));
    }
    await write(shard, builder.build());
  }
  const seconds = (performance.now() - started) / 1000;
  return { shardCount, hashSeed, users: listed, listLength: LIST_LENGTH, seconds };
}

/** Hashes of all users (hi, lo for each) under the first seed that gives no two the same. */
function distinctHashes(
  userIds: readonly string[],
  firstSeed: number,
  hash: (id: string, seed: number) => IdHash = hashId,
): { seed: number; hashes: Uint32Array } {
  const hashes = new Uint32Array(2 * userIds.length);
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

/** Rows of the users of each shard (a counting sort). */
function usersByShard(
  hashes: Uint32Array,
  shardCount: number,
): { offsets: Uint32Array; users: Uint32Array } {
  const count = hashes.length / 2;
  const shards = Uint32Array.from({ length: count }, (_, user) =>
    shardOf({ hi: hashes[2 * user]!, lo: hashes[2 * user + 1]! }, shardCount),
  );
  const offsets = new Uint32Array(shardCount + 1);
  for (const shard of shards) offsets[shard + 1]!++;
  for (let shard = 0; shard < shardCount; shard++) offsets[shard + 1]! += offsets[shard]!;
  const next = offsets.slice(0, shardCount);
  const users = new Uint32Array(count);
  shards.forEach((shard, user) => {
    users[next[shard]!++] = user;
  });
  return { offsets, users };
}

/**
 * NaN never enters a top 20 and +Infinity leads it: a short list while unseen items remain, or an
 * infinite score, tells of a broken model without a look at every score.
 */
function requireFinite(
  model: string,
  userId: string,
  scores: Float32Array,
  best: Float32Array,
  seen: Uint32Array,
): void {
  const possible = Math.min(LIST_LENGTH, scores.length - seen.length);
  if (best.length === possible && best.every((score) => Number.isFinite(score))) return;
  throw new UsherError(
    "SCORES_NOT_FINITE",
    `${model} gives user ${userId} scores that are not finite numbers; its weights are broken. ` +
      "Train again with a lower learning rate.",
  );
}

function pace(done: number, all: number, started: number) {
  const rate = done / Math.max(1e-3, (performance.now() - started) / 1000);
  const left = Math.ceil((all - done) / rate);
  const count = (value: number) => Math.round(value).toLocaleString("en-US");
  return {
    step: "lists",
    message: `${count(done)} of ${count(all)} users, ${count(rate)} a second, ${left} s left`,
    fraction: done / all,
  };
}
