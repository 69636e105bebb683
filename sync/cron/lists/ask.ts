import { CHECKSUMS_KEY, listApart } from "../../../release/checksums.ts";
import { manifestKey, releasePrefix, STAGED_KEY, UNLISTED_KEY } from "../../../release/keys.ts";
import { QUEUE_SEND_BATCH_MESSAGES } from "../../../release/limits.ts";
import {
  type ListsMessage,
  type ListsOrder,
  listShardsOf,
  parseListsOrder,
  shardMetadata,
} from "../../../release/lists-order.ts";
import type { Manifest, ValueRecord } from "../../../release/manifest.ts";
import type { Staged } from "../../../release/pointer.ts";
import { sha256Hex } from "../../../release/sha256.ts";
import type { ListsStore } from "./store.ts";

/** What one look at the order came to. */
export type AskOutcome =
  | { readonly kind: "idle" }
  | { readonly kind: "waiting"; readonly release: string; readonly missing: number }
  | { readonly kind: "asked"; readonly release: string; readonly missing: number }
  | { readonly kind: "complete"; readonly release: string; readonly users: number };

/** Puts messages into the queue of lists. */
export type SendMessages = (messages: readonly ListsMessage[]) => Promise<void>;

/** A shard that was asked for so long ago is asked for again: its message was lost, or it takes long. */
const ASK_AGAIN_MS = 10 * 60_000;

/**
 * Looks at the release that waits for its lists: asks for shards that are missing, and once there is
 * none, writes the manifest and stages the release. What serves is not touched.
 *
 * KV's listing may be a minute late: a shard is then made a second time, with the same bytes.
 */
export async function askForLists(
  store: ListsStore,
  send: SendMessages,
  now: Date,
): Promise<AskOutcome> {
  const text = await store.text(UNLISTED_KEY);
  if (text === null) return { kind: "idle" };
  const order = parseListsOrder(text);
  const { release } = order.manifest;
  const made = await madeShards(store, release);
  const missing = missingProfileShards(order, made);
  if (missing.length === 0) return complete(store, order, made, now);
  if (order.askedAt !== null && now.getTime() - Date.parse(order.askedAt) < ASK_AGAIN_MS) {
    return { kind: "waiting", release, missing: missing.length };
  }
  for (let from = 0; from < missing.length; from += QUEUE_SEND_BATCH_MESSAGES) {
    const some = missing.slice(from, from + QUEUE_SEND_BATCH_MESSAGES);
    await send(some.map((profileShard) => ({ v: 1, release, profileShard })));
  }
  const asked: ListsOrder = { ...order, askedAt: now.toISOString() };
  await store.put(UNLISTED_KEY, JSON.stringify(asked));
  return { kind: "asked", release, missing: missing.length };
}

interface Made {
  readonly record: ValueRecord;
  readonly users: number;
}

/** Shards of lists that KV has, by their number. */
async function madeShards(store: ListsStore, release: string): Promise<Map<number, Made>> {
  const prefix = `${releasePrefix(release)}l/`;
  const made = new Map<number, Made>();
  let cursor: string | null = null;
  do {
    const page = await store.listWithMetadata(prefix, cursor);
    for (const { key, metadata } of page.entries) {
      const known = shardMetadata(metadata);
      const shard = key.slice(prefix.length);
      if (known === null) continue;
      const { sha256, bytes, users } = known;
      made.set(Number(shard), { record: { key: `l/${shard}`, bytes, sha256 }, users });
    }
    cursor = page.cursor;
  } while (cursor !== null);
  return made;
}

function missingProfileShards({ manifest }: ListsOrder, made: Map<number, Made>): number[] {
  const profileShards = manifest.profiles?.shardCount ?? 0;
  const missing: number[] = [];
  for (let shard = 0; shard < profileShards; shard++) {
    const wanted = listShardsOf(shard, manifest.lists.shardCount, profileShards);
    if (!wanted.every((one) => made.has(one))) missing.push(shard);
  }
  return missing;
}

/** The manifest comes after every value, the order goes after both: stopped anywhere, it is done again. */
async function complete(
  store: ListsStore,
  { manifest }: ListsOrder,
  made: Map<number, Made>,
  now: Date,
): Promise<AskOutcome> {
  const { release, lists } = manifest;
  const shards = Array.from({ length: lists.shardCount }, (_, shard) => made.get(shard)!);
  const users = shards.reduce((sum, shard) => sum + shard.users, 0);
  const values = [...manifest.values, ...shards.map(({ record }) => record)];
  const whole: Manifest = {
    ...manifest,
    lists: { ...lists, users },
    ...(await manifestValues(store, release, values)),
  };
  await store.put(manifestKey(release), `${JSON.stringify(whole)}\n`);
  const staged: Staged = { release, stagedAt: now.toISOString(), verified: 0, share: 1 };
  await store.put(STAGED_KEY, JSON.stringify(staged));
  await store.delete(UNLISTED_KEY);
  return { kind: "complete", release, users };
}

/** Of a large release the shards are listed in a value of their own, as the trainer does it. */
async function manifestValues(
  store: ListsStore,
  release: string,
  values: readonly ValueRecord[],
): Promise<Pick<Manifest, "format" | "listed" | "values">> {
  const apart = listApart(values);
  if (apart === null) return { format: 1, values: [...values] };
  const { named, listed, list } = apart;
  await store.put(releasePrefix(release) + CHECKSUMS_KEY, new TextDecoder().decode(list));
  const own = { key: CHECKSUMS_KEY, bytes: list.length, sha256: await sha256Hex(list) };
  return { format: 2, listed, values: [...named, own] };
}
