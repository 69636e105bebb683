/** Shards: the precomputed lists of many users in one value. FORMAT.md, "Shard". */
import { Sections, writeContainer } from "./container.ts";
import { UsherError } from "./error.ts";
import type { IdHash } from "./hash.ts";
import { findByHash, sortByHash } from "./user-table.ts";

/** Items in a precomputed list, at most. */
export const LIST_LENGTH = 20;

/** The format version that this code writes and reads. */
export const SHARD_VERSION = 1;
const KIND = { magic: "USHL", version: SHARD_VERSION, name: "shard" };
/** Item indices up to here fit 16 bits; the largest 16-bit number is the padding. */
const MOST_16_BIT_ITEMS = 65_535;
const USERS_PER_SHARD = 1_100;
/** With the profiles, a manifest, a catalogue and a model under the free plan's 1,000 writes a day. */
const MOST_SHARDS = 650;
/** Past the free plan anyway, a shard stays a few hundred kilobytes: read and checked in a millisecond. */
const USERS_PER_SHARD_AT_MOST = 4_000;
/** Bytes of one user at most: hash, 20 indices of 32 bits, 20 scores, scale. */
const USER_BYTES = 8 + LIST_LENGTH * 4 + LIST_LENGTH + 4;
/** Room below KV's 25 MiB for the header and for shards larger than the mean. */
const SHARD_BYTES = 20 * 1024 * 1024;

/** How many shards hold so many users: about 1,100 users each, up to 4,000 from 700,000 users on. */
export function shardCountFor(users: number): number {
  const wanted = Math.min(Math.ceil(users / USERS_PER_SHARD), MOST_SHARDS);
  const quick = Math.ceil(users / USERS_PER_SHARD_AT_MOST);
  const needed = Math.ceil((users * USER_BYTES) / SHARD_BYTES);
  return Math.max(1, wanted, quick, needed);
}

/** The shard that a user's list is in. */
export function shardOf(hash: IdHash, shardCount: number): number {
  return hash.lo % shardCount;
}

/** What all shards of a release share. */
export interface ShardShape {
  readonly shard: number;
  readonly shardCount: number;
  readonly hashSeed: number;
  /** Items in the release's catalogue: decides the width of an index. */
  readonly itemCount: number;
}

interface Entry {
  readonly hash: IdHash;
  readonly items: ArrayLike<number>;
  readonly scores: ArrayLike<number>;
}

/** Collects the lists of one shard's users and writes them sorted by hash. */
export class ShardBuilder {
  readonly #shape: ShardShape;
  readonly #entries: Entry[] = [];

  constructor(shape: ShardShape) {
    this.#shape = shape;
  }

  /**
   * Adds one user's list.
   *
   * @param items item indices, best first, at most 20; none for a user who has seen everything.
   * @param scores their scores, finite; descending unless the list was re-ranked.
   */
  add(hash: IdHash, items: ArrayLike<number>, scores: ArrayLike<number>): void {
    if (items.length > LIST_LENGTH || items.length !== scores.length) {
      throw new UsherError(
        "LIST_LENGTH",
        `A list has up to ${LIST_LENGTH} items and as many scores, not ${items.length} and ${scores.length}.`,
      );
    }
    this.#entries.push({ hash, items, scores });
  }

  /** Lists added so far. */
  get users(): number {
    return this.#entries.length;
  }

  /** @throws UsherError `HASH_COLLISION` when two users share a hash: build with another seed. */
  build(): ArrayBuffer {
    const entries = this.#entries;
    const hashes = sortByHash(entries);
    const users = entries.length;
    const wide = this.#shape.itemCount > MOST_16_BIT_ITEMS;
    const items = wide
      ? new Uint32Array(users * LIST_LENGTH).fill(0xffffffff)
      : new Uint16Array(users * LIST_LENGTH).fill(0xffff);
    const scales = new Float32Array(users * 2);
    const scores = new Uint8Array(users * LIST_LENGTH);
    entries.forEach((entry, row) => {
      items.set(Array.from(entry.items), row * LIST_LENGTH);
      quantise(entry.scores, scores.subarray(row * LIST_LENGTH), scales.subarray(row * 2));
    });
    const { shard, shardCount, hashSeed, itemCount } = this.#shape;
    const info = Uint32Array.of(users, LIST_LENGTH, shard, shardCount, hashSeed, itemCount);
    const sections = { INFO: info, HASH: hashes, SCAL: scales, ITEM: items, SCOR: scores };
    return writeContainer(KIND, sections);
  }
}

/** 8 bits between the list's lowest and highest score: scale is (lowest, step). */
function quantise(scores: ArrayLike<number>, out: Uint8Array, scale: Float32Array): void {
  if (scores.length === 0) return;
  const all = Array.from(scores);
  const lowest = Math.min(...all);
  const step = (Math.max(...all) - lowest) / 255;
  scale[0] = lowest;
  scale[1] = step;
  for (let at = 0; at < scores.length; at++) {
    out[at] = step > 0 ? Math.round((scores[at]! - lowest) / step) : 0;
  }
}

/** A shard, read in place. */
export class ShardView {
  readonly users: number;
  readonly #hashes: Uint32Array;
  readonly #items: Uint16Array | Uint32Array;
  readonly #scores: Uint8Array;
  readonly #scales: Float32Array;
  readonly #padding: number;

  private constructor(sections: Sections) {
    const [users = 0, listLength] = sections.get("INFO", "u32", 6);
    if (listLength !== LIST_LENGTH) {
      throw sections.damaged(`its lists have ${listLength} items, not ${LIST_LENGTH}`);
    }
    const width = sections.elementOf("ITEM", "u16", "u32") as "u16" | "u32";
    this.users = users;
    this.#hashes = sections.get("HASH", "u32", users * 2);
    this.#items = sections.get("ITEM", width, users * LIST_LENGTH);
    this.#scores = sections.get("SCOR", "u8", users * LIST_LENGTH);
    this.#scales = sections.get("SCAL", "f32", users * 2);
    this.#padding = width === "u16" ? 0xffff : 0xffffffff;
    requireIndices(sections, this.#items, sections.get("INFO", "u32", 6)[5]!, this.#padding);
  }

  /**
   * Lays a view over a shard's bytes; nothing is copied or parsed.
   *
   * @param verify compares the checksum (default): a shard is read from KV once per isolate.
   * @throws UsherError `VALUE_DAMAGED`, `VALUE_VERSION`.
   */
  static from(buffer: ArrayBuffer, { verify = true } = {}): ShardView {
    return new ShardView(new Sections(buffer, KIND, verify));
  }

  /** The row of a user, or -1. */
  find(hash: IdHash): number {
    return findByHash(this.#hashes, hash);
  }

  /** Item indices of a row, best first, without padding. */
  items(row: number): Uint16Array | Uint32Array {
    const start = row * LIST_LENGTH;
    let end = start + LIST_LENGTH;
    while (end > start && this.#items[end - 1] === this.#padding) end--;
    return this.#items.subarray(start, end);
  }

  /** The score of the item at a position: the list's lowest and highest are exact, 8 bits between. */
  score(row: number, position: number): number {
    const lowest = this.#scales[row * 2]!;
    const step = this.#scales[row * 2 + 1]!;
    return lowest + step * this.#scores[row * LIST_LENGTH + position]!;
  }
}

/** A shard of 1,100 users has 22,000 indices: checking each once keeps every later read in bounds. */
function requireIndices(
  sections: Sections,
  items: Uint16Array | Uint32Array,
  itemCount: number,
  padding: number,
): void {
  for (let at = 0; at < items.length; at++) {
    const item = items[at]!;
    if (item >= itemCount && item !== padding) {
      throw sections.damaged(`it names item ${item} of a catalogue of ${itemCount}`);
    }
  }
}
