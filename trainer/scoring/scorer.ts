/** One thread's scorer: from profiles to lists, a block of users at a time. */
import { UsherError } from "../../release/error.ts";
import type { TopK } from "../../release/topk.ts";
import { type Csr, selectRows } from "../csr.ts";
import { encodeProfiles } from "../models/encode.ts";
import type { ServedModel } from "../models/model.ts";
import { createKernel, type Kernel } from "./kernel.ts";
import {
  BLOCK_USERS,
  ENTRY_BYTES,
  GROUP_USERS,
  type Layout,
  PENDING,
  RECORD,
  type ThreadLayout,
  workArea,
} from "./layout.ts";
import { packUser, type UserBound } from "./quantise.ts";

export interface ScorerInput {
  served: ServedModel;
  /** All users x items. */
  profiles: Csr;
  memory: WebAssembly.Memory;
  layout: Layout;
  /** Which work area of the memory is this scorer's. */
  thread: number;
}

/** Takes the best unseen items of one user, best first; the arrays are good until the next call. */
export type OnList = (user: number, best: TopK) => void;

export class Scorer {
  readonly #input: ScorerInput;
  readonly #area: ThreadLayout;
  readonly #kernel: Kernel;
  readonly #encoded: Float32Array;
  /** Views over the work area. */
  readonly #packed: Uint8Array;
  readonly #vectors: Float32Array;
  readonly #records: { floats: Float32Array; words: Uint32Array };
  readonly #lists: { floats: Float32Array; words: Uint32Array };
  readonly #floors: Float32Array;
  readonly #seen: Uint32Array;
  readonly #weights: Float32Array;
  readonly #best: { items: Uint32Array; scores: Float32Array };

  constructor(input: ScorerInput) {
    const { memory, layout, thread } = input;
    const area = workArea(layout, thread);
    const { buffer } = memory;
    const both = (offset: number, words: number) => ({
      floats: new Float32Array(buffer, offset, words),
      words: new Uint32Array(buffer, offset, words),
    });
    this.#input = input;
    this.#area = area;
    this.#kernel = createKernel(memory, layout, area);
    this.#encoded = new Float32Array(BLOCK_USERS * layout.dimensions);
    this.#packed = new Uint8Array(buffer, area.packed, BLOCK_USERS * layout.stride);
    this.#vectors = new Float32Array(buffer, area.vectors, BLOCK_USERS * layout.stride);
    this.#records = both(area.records, (BLOCK_USERS * RECORD.bytes) / 4);
    this.#lists = both(area.lists, (BLOCK_USERS * layout.listLength * ENTRY_BYTES) / 4);
    this.#floors = new Float32Array(buffer, area.floors, BLOCK_USERS * layout.listLength);
    this.#seen = new Uint32Array(buffer, area.seen, layout.blockSeen);
    this.#weights = new Float32Array(buffer, area.weights, layout.blockSeen);
    this.#best = {
      items: new Uint32Array(layout.listLength),
      scores: new Float32Array(layout.listLength),
    };
  }

  /**
   * Hands over the list of each user in turn.
   *
   * Throws `SCORES_NOT_FINITE` when a user's vector is not of finite numbers.
   *
   * @param users rows of the profiles.
   * @param onBlock called after each block with the number of its users.
   */
  score(users: Uint32Array, onList: OnList, onBlock: (users: number) => void): void {
    for (let start = 0; start < users.length; ) {
      const block = users.subarray(start, start + this.#fitting(users, start));
      this.#scoreBlock(block);
      for (let row = 0; row < block.length; row++) onList(block[row]!, this.#listOf(row));
      start += block.length;
      onBlock(block.length);
    }
  }

  /** The product of two item rows. */
  similarity(a: number, b: number): number {
    const { rows, stride } = this.#input.layout;
    return this.#kernel.dot(rows + a * stride * 4, rows + b * stride * 4);
  }

  /** How many users from `start` on fit a block: with what they have seen. */
  #fitting(users: Uint32Array, start: number): number {
    const { offsets } = this.#input.profiles;
    let room = this.#seen.length;
    let count = 0;
    while (count < BLOCK_USERS && start + count < users.length) {
      const user = users[start + count]!;
      room -= offsets[user + 1]! - offsets[user]!;
      if (room < 0) break;
      count++;
    }
    return count;
  }

  #scoreBlock(users: Uint32Array): void {
    const { profiles, layout } = this.#input;
    const { dimensions, stride } = layout;
    const batch = selectRows(profiles, users);
    this.#seen.set(batch.indices);
    this.#encode(batch);
    this.#floors.fill(Number.NEGATIVE_INFINITY);
    this.#lists.floats.fill(Number.NEGATIVE_INFINITY);
    let length = 0;
    let error = 0;
    for (let row = 0; row < users.length; row++) {
      const vector = this.#vectors.subarray(row * stride, row * stride + dimensions);
      const bound = packUser(this.#packed, row, vector, stride);
      if (bound === undefined) throw notFinite(users[row]!);
      this.#openRecord(row, bound, batch);
      length = Math.max(length, bound.length);
      error = Math.max(error, bound.error);
    }
    const groups = Math.ceil(users.length / GROUP_USERS);
    for (let row = users.length; row < groups * GROUP_USERS; row++) this.#closeRecord(row);
    this.#kernel.score(groups, length, error);
    for (let row = 0; row < users.length; row++) this.#kernel.settle(row);
  }

  /** User vectors of a batch, padded, into the work area. */
  #encode(batch: Csr): void {
    const { served, layout } = this.#input;
    const { dimensions, stride } = layout;
    const { seen, weights } = this.#area;
    if (served.kind === "linear") {
      this.#weights.set(batch.values);
      for (let row = 0; row < batch.rows; row++) {
        const start = batch.offsets[row]! * 4;
        const count = batch.offsets[row + 1]! - batch.offsets[row]!;
        this.#kernel.encode(row, seen + start, weights + start, count);
      }
      return;
    }
    encodeProfiles(served, batch, this.#encoded);
    for (let row = 0; row < batch.rows; row++) {
      const vector = this.#encoded.subarray(row * dimensions, (row + 1) * dimensions);
      this.#vectors.set(vector, row * stride);
    }
  }

  #openRecord(row: number, { scale }: UserBound, batch: Csr): void {
    const { floats, words } = this.#records;
    const { seen, pending } = this.#area;
    const record = (row * RECORD.bytes) / 4;
    floats[record + RECORD.threshold / 4] = Number.NEGATIVE_INFINITY;
    floats[record + RECORD.scale / 4] = scale;
    words[record + RECORD.seen / 4] = seen + batch.offsets[row]! * 4;
    words[record + RECORD.seenEnd / 4] = seen + batch.offsets[row + 1]! * 4;
    words[record + RECORD.pending / 4] = pending + row * PENDING * ENTRY_BYTES;
  }

  /** Nothing beats the threshold of a place without a user. */
  #closeRecord(row: number): void {
    this.#records.floats[(row * RECORD.bytes + RECORD.threshold) / 4] = Number.POSITIVE_INFINITY;
  }

  #listOf(row: number): TopK {
    const { items, scores } = this.#best;
    const { floats, words } = this.#lists;
    const { listLength } = this.#input.layout;
    const start = (row * listLength * ENTRY_BYTES) / 4;
    let count = 0;
    while (count < listLength && floats[start + 2 * count]! > Number.NEGATIVE_INFINITY) {
      scores[count] = floats[start + 2 * count]!;
      items[count] = words[start + 2 * count + 1]!;
      count++;
    }
    return { items: items.subarray(0, count), scores: scores.subarray(0, count) };
  }
}

function notFinite(user: number): UsherError {
  return new UsherError(
    "SCORES_NOT_FINITE",
    `The model gives user ${user} of the dataset a vector that is not of finite numbers; its ` +
      "weights are broken. Train again with a lower learning rate.",
  );
}
