import { UsherError } from "../../../release/error.ts";
import { modelKey, profileShardKey, shardKey, UNLISTED_KEY } from "../../../release/keys.ts";
import { type ListsMessage, parseListsOrder } from "../../../release/lists-order.ts";
import type { Manifest } from "../../../release/manifest.ts";
import { listsFromProfiles } from "../../../release/profile-lists.ts";
import { ProfileShardView } from "../../../release/profiles.ts";
import type { Scan } from "../../../release/scan.ts";
import { sha256Hex } from "../../../release/sha256.ts";
import type { ListsStore } from "./store.ts";

/** What became of one message. */
export type MadeOutcome =
  | { readonly kind: "not-wanted" }
  | { readonly kind: "made"; readonly shards: number; readonly users: number };

/** Lays a model's parts out for scoring. */
export type OpenScan = (parts: readonly ArrayBuffer[], items: number) => Scan;

/**
 * Makes lists in one isolate: the model of the release at hand is kept from one message to the next.
 */
export class ListsMaker {
  readonly #store: ListsStore;
  readonly #open: OpenScan;
  #held: { readonly release: string; readonly scan: Scan } | null = null;

  constructor(store: ListsStore, open: OpenScan) {
    this.#store = store;
    this.#open = open;
  }

  /**
   * Makes the lists of one shard of profiles and writes them with their checksums. Delivered twice,
   * or in any order, the same values are written; one that nobody waits for any more is passed over.
   *
   * @throws UsherError `LISTS_VALUE_MISSING` when KV does not show a value of the release yet.
   */
  async make({ release, profileShard }: ListsMessage): Promise<MadeOutcome> {
    const text = await this.#store.text(UNLISTED_KEY);
    const manifest = text === null ? null : parseListsOrder(text).manifest;
    // The release may be complete by now: nothing of it may change any more.
    if (manifest?.release !== release) return { kind: "not-wanted" };
    const scan = await this.#scanOf(manifest);
    const value = await this.#read(profileShardKey(release, profileShard));
    const made = listsFromProfiles(scan, ProfileShardView.from(value), {
      profileShard,
      profileShards: manifest.profiles!.shardCount,
      shardCount: manifest.lists.shardCount,
      hashSeed: manifest.lists.hashSeed,
    });
    let users = 0;
    for (const shard of made) {
      const metadata = {
        sha256: await sha256Hex(shard.value),
        bytes: shard.value.byteLength,
        users: shard.users,
      };
      await this.#store.putShard(shardKey(release, shard.shard), shard.value, metadata);
      users += shard.users;
    }
    return { kind: "made", shards: made.length, users };
  }

  async #scanOf({ release, values, dataset }: Manifest): Promise<Scan> {
    if (this.#held?.release === release) return this.#held.scan;
    // Two models at once might not fit.
    this.#held = null;
    const parts: ArrayBuffer[] = [];
    const count = values.filter(({ key }) => key.startsWith("model/")).length;
    for (let part = 0; part < count; part++) parts.push(await this.#read(modelKey(release, part)));
    const scan = this.#open(parts, dataset.items);
    this.#held = { release, scan };
    return scan;
  }

  async #read(key: string): Promise<ArrayBuffer> {
    const value = await this.#store.bytes(key);
    if (value !== null) return value;
    throw new UsherError(
      "LISTS_VALUE_MISSING",
      `${key} is not in KV yet; the message is tried again.`,
    );
  }
}
