/** One thread's scorer: from profiles to lists, a block of users at a time. */
import { UsherError } from "../../release/error.ts";
import type { TopK } from "../../release/topk.ts";
import { type Csr, selectRows } from "../csr.ts";
import type { ServedModel } from "../models/model.ts";
import { type BlockScores, Finder } from "./candidates.ts";
import { Encoder } from "./encoder.ts";
import { createKernel, type Kernel } from "./kernel.ts";
import {
  BLOCK_USERS,
  GROUP_USERS,
  type Layout,
  PANEL_ITEMS,
  PEAKS,
  type ThreadLayout,
  workArea,
} from "./layout.ts";
import { packedOffset, packUser } from "./quantise.ts";

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
  readonly #finder: Finder;
  readonly #encoder: Encoder;
  readonly #scales = new Float32Array(BLOCK_USERS);
  /** The largest bounds of the block at hand. */
  #length = 0;
  #error = 0;
  readonly #packed: Uint8Array;

  /** @param listLength items to find for each user. */
  constructor(input: ScorerInput, listLength: number) {
    const { served, memory, layout, thread } = input;
    const area = workArea(layout, thread);
    this.#input = input;
    this.#area = area;
    this.#kernel = createKernel(memory, layout, area, served.sharpness);
    this.#encoder = new Encoder(served, this.#kernel, memory, layout, area);
    this.#packed = new Uint8Array(memory.buffer, area.packed, BLOCK_USERS * layout.stride);
    this.#finder = new Finder(this.#blockScores(), BLOCK_USERS, listLength);
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
      this.#scoreBlock(block, onList);
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
    let room = this.#input.layout.blockSeen;
    let count = 0;
    while (count < BLOCK_USERS && start + count < users.length) {
      const user = users[start + count]!;
      room -= offsets[user + 1]! - offsets[user]!;
      if (room < 0) break;
      count++;
    }
    return count;
  }

  #scoreBlock(users: Uint32Array, onList: OnList): void {
    const { profiles, layout } = this.#input;
    const { dimensions, stride } = layout;
    const batch = selectRows(profiles, users);
    this.#encoder.encode(batch);
    let length = 0;
    let error = 0;
    for (let row = 0; row < users.length; row++) {
      const vector = this.#encoder.vectors.subarray(row * stride, row * stride + dimensions);
      const bound = packUser(this.#packed, row, vector, stride);
      if (bound === undefined) throw notFinite(users[row]!);
      this.#scales[row] = bound.scale;
      length = Math.max(length, bound.length);
      error = Math.max(error, bound.error);
    }
    this.#length = length;
    this.#error = error;
    this.#kernel.score(Math.ceil(users.length / GROUP_USERS), length, error);
    const lists = this.#finder.find(batch);
    for (let row = 0; row < users.length; row++) {
      const { items, scores, count } = lists[row]!;
      onList(users[row]!, { items: items.subarray(0, count), scores: scores.subarray(0, count) });
    }
  }

  /** What the kernel knows of a block's scores, for whoever looks for the best. */
  #blockScores(): BlockScores {
    const { buffer } = this.#input.memory;
    const { panels, panelCount, panelBytes, ceilingStride, stride, rows, items } =
      this.#input.layout;
    const area = this.#area;
    const kernel = this.#kernel;
    const ceilings = new Float32Array(buffer, area.ceilings, BLOCK_USERS * ceilingStride);
    // Those beyond the last panel stay so.
    ceilings.fill(Number.NEGATIVE_INFINITY);
    return {
      ceilings,
      ceilingStride,
      panelCount,
      widths: new Float32Array(buffer, area.widths, panelCount),
      scales: this.#scales,
      items,
      findPeaks: (user) => kernel.peaks(user),
      peaks: new Float32Array(buffer, area.peaks, PEAKS),
      findAbove: (user, threshold) => kernel.above(user, threshold),
      found: new Uint32Array(buffer, area.found, panelCount),
      estimate: (user, panel) => {
        const packed = area.packed + packedOffset(user, stride);
        kernel.estimate(packed, panels + panel * panelBytes, this.#length, this.#error);
      },
      estimates: new Float32Array(buffer, area.estimates, PANEL_ITEMS),
      exact: (user, item) => kernel.dot(area.vectors + user * stride * 4, rows + item * stride * 4),
    };
  }
}

function notFinite(user: number): UsherError {
  return new UsherError(
    "SCORES_NOT_FINITE",
    `The model gives user ${user} of the dataset a vector that is not of finite numbers; its ` +
      "weights are broken. Train again with a lower learning rate.",
  );
}
