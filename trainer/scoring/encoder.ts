/** User vectors of a block of profiles, made by the kernel. `release/encode.ts` has the equations. */
import { lengthOf } from "../../release/encode.ts";
import type { Csr } from "../csr.ts";
import type { ServedModel } from "../models/model.ts";
import type { Kernel } from "./kernel.ts";
import { BLOCK_USERS, type Layout, PRODUCT_USERS, type ThreadLayout } from "./layout.ts";

/** Whoever is shorter points nowhere: dividing by it would leave f32. */
const LEAST_LENGTH = 1e-30;

export class Encoder {
  /** users x stride, padded with zeros. */
  readonly vectors: Float32Array;
  readonly #served: ServedModel;
  readonly #kernel: Kernel;
  readonly #area: ThreadLayout;
  readonly #stride: number;
  readonly #seen: Uint32Array;
  readonly #weights: Float32Array;
  readonly #nearness: Float32Array;

  constructor(
    served: ServedModel,
    kernel: Kernel,
    { buffer }: WebAssembly.Memory,
    { stride, blockSeen }: Layout,
    area: ThreadLayout,
  ) {
    this.#served = served;
    this.#kernel = kernel;
    this.#area = area;
    this.#stride = stride;
    this.vectors = new Float32Array(buffer, area.vectors, BLOCK_USERS * stride);
    this.#seen = new Uint32Array(buffer, area.seen, blockSeen);
    this.#weights = new Float32Array(buffer, area.weights, blockSeen);
    this.#nearness = new Float32Array(buffer, area.nearness, BLOCK_USERS);
  }

  /** The vectors of a block's users, whose items have room in the work area. */
  encode(block: Csr): void {
    const { hidden, linear, stretch } = this.#served;
    this.#takeIn(block);
    for (let row = 0; row < block.rows; row++) {
      const vector = this.#sum(block, row);
      vector.fill(0, linear);
      for (let d = 0; d < linear; d++) vector[d]! *= stretch[d]!;
      if (hidden > 0) this.#nearness[row] = this.#nearnessOf(vector.subarray(0, linear));
    }
    if (hidden > 0) this.#kernel.addHidden(Math.ceil(block.rows / PRODUCT_USERS));
    for (let row = 0; row < block.rows; row++) {
      const vector = this.#vectorOf(row);
      for (let d = 0; d < stretch.length; d++) vector[d]! *= stretch[d]!;
    }
  }

  /** Items and their weights, with the items' input factors, to where the kernel reads them. */
  #takeIn({ indices, values }: Csr): void {
    const { inputs } = this.#served;
    this.#seen.set(indices);
    for (let at = 0; at < indices.length; at++) {
      this.#weights[at] = values[at]! * inputs[indices[at]!]!;
    }
  }

  #sum({ offsets }: Csr, row: number): Float32Array {
    const { seen, weights } = this.#area;
    const start = offsets[row]! * 4;
    const count = offsets[row + 1]! - offsets[row]!;
    this.#kernel.encode(row, seen + start, weights + start, count);
    return this.#vectorOf(row);
  }

  /** beta / |s|. */
  #nearnessOf(sums: Float32Array): number {
    const length = lengthOf(sums);
    // Written so that NaN is passed on.
    return length < LEAST_LENGTH ? 0 : this.#served.sharpness / length;
  }

  #vectorOf(row: number): Float32Array {
    return this.vectors.subarray(row * this.#stride, (row + 1) * this.#stride);
  }
}
