/**
 * The top 20 of every user, without what they have seen, written shard by shard.
 */
import { availableParallelism } from "node:os";
import type { Csr } from "./csr.ts";
import { type ListsPlan, usersByShard } from "./lists-plan.ts";
import type { ServedModel } from "./models/model.ts";
import type { OnProgress } from "./progress.ts";
import { scoreShards } from "./scoring/threads.ts";

/** What lists are made of. Arrays in shared memory are used as they are, others are copied once. */
export interface ListsInput {
  served: ServedModel;
  /** Profiles of all users, weighted as in training: users x items. */
  profiles: Csr;
  /** Hashes of all users under the plan's seed: hi, lo for each row of the profiles. */
  hashes: Uint32Array;
  plan: ListsPlan;
  /** Of each item, for a plan that limits categories. */
  categories?: readonly (readonly string[])[] | undefined;
}

/** Where shards go. */
export interface ShardStore {
  /** The users listed in a shard that is there already, null when it is still to be made. */
  kept(shard: number): Promise<number | null>;
  write(shard: number, value: ArrayBuffer): Promise<void>;
}

export interface ListsOptions {
  /** Default: as many as this machine has cores. */
  threads?: number | undefined;
  /** Makes every `of`-th shard, beginning with the `part`-th (from 1). Default: all. */
  share?: ListsShare | undefined;
  onProgress?: OnProgress | undefined;
  signal?: AbortSignal | undefined;
}

export interface ListsShare {
  part: number;
  of: number;
}

export interface ListsReport {
  /** Users that have a list; that of whoever has seen everything is empty. */
  users: number;
  /** Shards made by this run, and those that were there before. */
  made: number;
  kept: number;
  seconds: number;
}

const PROGRESS_MS = 1_000;

/**
 * Makes the shards that the store does not have. The same input gives the same bytes, whatever the
 * number of threads, on every machine.
 *
 * Memory: the input once, the item rows thrice, and a few MB a thread, whatever the number of users.
 *
 * Throws `SCORES_NOT_FINITE` when the model's vectors are not of finite numbers, `MODEL_TOO_LARGE`;
 * rejects with the signal's reason when aborted.
 */
export async function writeLists(
  input: ListsInput,
  store: ShardStore,
  options: ListsOptions = {},
): Promise<ListsReport> {
  const started = performance.now();
  const { onProgress, signal } = options;
  const members = usersByShard(input.hashes, input.plan.shardCount);
  const size = (shard: number) => members.offsets[shard + 1]! - members.offsets[shard]!;
  const missing: number[] = [];
  const report = { users: 0, made: 0, kept: 0 };
  let todo = 0;
  for (const shard of shardsOf(input.plan, options.share)) {
    const users = await store.kept(shard);
    if (users === null) {
      missing.push(shard);
      todo += size(shard);
    } else {
      report.users += users;
      report.kept++;
    }
  }
  const progress = new Int32Array(new SharedArrayBuffer(4));
  const tell = () => onProgress?.(pace(Atomics.load(progress, 0), todo, report.kept, started));
  const timer = setInterval(tell, PROGRESS_MS);
  try {
    const threads = Math.min(options.threads ?? availableParallelism(), missing.length);
    await scoreShards(
      { ...input, members, progress },
      missing,
      threads,
      async (shard, value, users) => {
        await store.write(shard, value);
        report.users += users;
        report.made++;
      },
      signal,
    );
  } finally {
    clearInterval(timer);
  }
  tell();
  return { ...report, seconds: (performance.now() - started) / 1000 };
}

/** Shards of one share: every n-th, so that shares are of one size and any number of them will do. */
function shardsOf({ shardCount }: ListsPlan, { part, of }: ListsShare = { part: 1, of: 1 }) {
  const all = Array.from({ length: shardCount }, (_, shard) => shard);
  return all.filter((shard) => shard % of === part - 1);
}

function pace(done: number, todo: number, kept: number, started: number) {
  const rate = done / Math.max(1e-3, (performance.now() - started) / 1000);
  const left = done === 0 ? "" : `, ${Math.ceil((todo - done) / rate)} s left`;
  const before = kept === 0 ? "" : `, ${count(kept)} shards were there`;
  return {
    step: "lists",
    message: `${count(done)} of ${count(todo)} users, ${count(rate)} a second${left}${before}`,
    fraction: todo === 0 ? 1 : done / todo,
  };
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
