/**
 * Profiles: what each user of a release interacted with, so that the edge never recommends it again
 * and can fold it in. FORMAT.md, "Profiles".
 *
 * They lie apart from the lists: a plain recommendation reads 76 bytes a user, and only a filter or
 * an explanation pays for the 150 to 400 bytes of a profile.
 */
import { Sections, writeContainer } from "./container.ts";
import type { Profile } from "./encode.ts";
import { UsherError } from "./error.ts";
import type { IdHash } from "./hash.ts";
import {
  packedBytesAtMost,
  packProfile,
  type UnpackedProfile,
  unpackProfile,
} from "./packed-profile.ts";
import { findByHash, sortByHash } from "./user-table.ts";

/** The format version that this code writes and reads. */
export const PROFILES_VERSION = 1;
const KIND = { magic: "USHP", version: PROFILES_VERSION, name: "profile shard" };
const USERS_PER_SHARD = 3_400;
/** With 650 shards of lists beside them, under the free plan's 1,000 writes a day. */
const MOST_SHARDS = 300;
/** Past the free plan anyway, a shard stays a few megabytes at most. */
const USERS_PER_SHARD_AT_MOST = 10_000;
/** Bytes of one interaction at most in a catalogue of two million items: gap, and half a weight. */
const INTERACTION_BYTES = 3.5;
/** Hash, offset and count of one user. */
const USER_BYTES = 8 + 4 + 2;
const SHARD_BYTES = 20 * 1024 * 1024;
/** Weights a shard tells apart: four bits. */
const MOST_WEIGHTS = 16;

/** How many shards hold so many profiles: as few as values of 25 MiB and quick reads allow. */
export function profileShardCountFor(users: number, interactions: number): number {
  const wanted = Math.min(Math.ceil(users / USERS_PER_SHARD), MOST_SHARDS);
  const quick = Math.ceil(users / USERS_PER_SHARD_AT_MOST);
  const bytes = users * USER_BYTES + interactions * INTERACTION_BYTES;
  return Math.max(1, wanted, quick, Math.ceil(bytes / SHARD_BYTES));
}

/** What all profile shards of a release share. */
export interface ProfileShape {
  readonly shard: number;
  readonly shardCount: number;
  readonly hashSeed: number;
  /** Items in the release's catalogue. */
  readonly itemCount: number;
}

interface Entry {
  readonly hash: IdHash;
  readonly profile: Profile;
}

/** Collects the profiles of one shard's users and writes them sorted by hash. */
export class ProfileShardBuilder {
  readonly #shape: ProfileShape;
  readonly #entries: Entry[] = [];

  constructor(shape: ProfileShape) {
    this.#shape = shape;
  }

  /**
   * Adds one user's profile; every item is kept, however many there are.
   *
   * @param profile item indices, strictly ascending, with a finite weight each (0: seen, and of no
   *   weight). A shard tells 16 weights apart; of more, each becomes the nearest of 16 even steps.
   * @throws UsherError `PROFILE_ORDER` when the indices do not ascend within the catalogue.
   */
  add(hash: IdHash, profile: Profile): void {
    let previous = -1;
    for (let at = 0; at < profile.items.length; at++) {
      const item = profile.items[at]!;
      if (item <= previous || item >= this.#shape.itemCount) throw outOfOrder(previous, item);
      previous = item;
    }
    this.#entries.push({ hash, profile });
  }

  /** @throws UsherError `HASH_COLLISION` when two users share a hash: build with another seed. */
  build(): ArrayBuffer {
    const hashes = sortByHash(this.#entries);
    const table = weightTable(this.#entries);
    const offsets = new Uint32Array(this.#entries.length + 1);
    const most = this.#entries.reduce((sum, entry) => sum + packedBytesAtMost(entry.profile), 0);
    const bytes = new Uint8Array(most);
    this.#entries.forEach(({ profile }, row) => {
      offsets[row + 1] = packProfile(profile, table, bytes, offsets[row]!);
    });
    const { shard, shardCount, hashSeed, itemCount } = this.#shape;
    return writeContainer(KIND, {
      INFO: Uint32Array.of(this.#entries.length, shard, shardCount, hashSeed, itemCount),
      HASH: hashes,
      OFFS: offsets,
      BYTE: bytes.subarray(0, offsets[this.#entries.length]),
      WGHT: table,
    });
  }
}

function outOfOrder(previous: number, item: number): UsherError {
  return new UsherError(
    "PROFILE_ORDER",
    `A profile's items ascend within the catalogue; item ${item} follows item ${previous}.`,
  );
}

/** The distinct weights when 16 suffice, else 16 even steps between the lowest and the highest. */
function weightTable(entries: readonly Entry[]): Float32Array<ArrayBuffer> {
  const distinct = new Set<number>();
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const { profile } of entries) {
    for (let at = 0; at < profile.items.length; at++) {
      const weight = Math.fround(profile.weights[at]!);
      if (distinct.size <= MOST_WEIGHTS) distinct.add(weight);
      lowest = Math.min(lowest, weight);
      highest = Math.max(highest, weight);
    }
  }
  if (distinct.size === 0) return Float32Array.of(1);
  if (distinct.size <= MOST_WEIGHTS) return Float32Array.from(distinct).sort();
  const step = (highest - lowest) / (MOST_WEIGHTS - 1);
  return Float32Array.from({ length: MOST_WEIGHTS }, (_, code) => lowest + code * step);
}

/** A shard of profiles, read in place; a profile is unpacked when asked for. */
export class ProfileShardView {
  readonly users: number;
  readonly #sections: Sections;
  readonly #itemCount: number;
  readonly #hashes: Uint32Array;
  readonly #offsets: Uint32Array;
  readonly #bytes: Uint8Array;
  readonly #table: Float32Array;

  private constructor(sections: Sections) {
    const [users = 0, , , , itemCount = 0] = sections.get("INFO", "u32", 5);
    this.#sections = sections;
    this.users = users;
    this.#itemCount = itemCount;
    this.#hashes = sections.get("HASH", "u32", users * 2);
    this.#offsets = sections.get("OFFS", "u32", users + 1);
    this.#bytes = sections.get("BYTE", "u8", sections.count("BYTE", "u8"));
    this.#table = sections.get("WGHT", "f32", sections.count("WGHT", "f32"));
    if (this.#table.length < 1 || this.#table.length > MOST_WEIGHTS) {
      throw sections.damaged(`it tells ${this.#table.length} weights apart`);
    }
  }

  /**
   * Lays a view over a profile shard's bytes; nothing is copied or parsed.
   *
   * @throws UsherError `VALUE_DAMAGED`, `VALUE_VERSION`.
   */
  static from(buffer: ArrayBuffer, { verify = true } = {}): ProfileShardView {
    return new ProfileShardView(new Sections(buffer, KIND, verify));
  }

  /** The hash of the user in a row, below `users`. */
  hash(row: number): IdHash {
    return { hi: this.#hashes[2 * row]!, lo: this.#hashes[2 * row + 1]! };
  }

  /** The row of a user, or -1. */
  find(hash: IdHash): number {
    return findByHash(this.#hashes, hash);
  }

  /**
   * A user's profile, its items ascending.
   *
   * @throws UsherError `VALUE_DAMAGED` when its bytes do not hold what they say.
   */
  profile(row: number): UnpackedProfile {
    const bytes = this.#bytes.subarray(this.#offsets[row]!, this.#offsets[row + 1]!);
    const profile = unpackProfile(bytes, this.#table, this.#itemCount);
    if (profile !== null) return profile;
    throw this.#sections.damaged(`the profile in row ${row} does not hold what it says`);
  }
}
