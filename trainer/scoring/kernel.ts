/**
 * The scoring kernel: what finds the best items of a block of users without ever writing scores down.
 *
 * Every product of user and item is first estimated in 8-bit integers, four times as fast as in
 * floats, together with a bound on the estimate's error (quantise.ts). Only the largest estimate of
 * each panel of 8 items is kept; candidates.ts looks into the few panels that can matter and gives
 * exact scores to the few items that can. The bound is rigorous, so that nothing is lost, and as a
 * score is always summed in the same order, the lists are the same bytes on every machine, whatever
 * the split into blocks, threads and shards.
 *
 * Register and cache blocking as in Goto and van de Geijn 2008.
 */
import { assemble } from "../../release/wasm/assembler.ts";
import { dotFunction } from "./dot.ts";
import { encodeFunction } from "./encode-kernel.ts";
import { estimateFunction, scoreFunction } from "./filter.ts";
import { hiddenFunction } from "./hidden-kernel.ts";
import type { Layout, ThreadLayout } from "./layout.ts";
import { aboveFunction, peaksFunction } from "./select.ts";

export interface Kernel {
  /** The product of two padded vectors by their addresses: f32, in 16 interleaved sums. */
  dot(a: number, b: number): number;
  /**
   * Ceilings of the scores of the first `groups` groups of packed users in each panel.
   *
   * @param length the largest length of the users' integer vectors.
   * @param error the largest part of the bound that grows with an item's length.
   */
  score(groups: number, length: number, error: number): void;
  /** Ceilings of one user's scores of the items of one panel, both by their addresses. */
  estimate(user: number, panel: number, length: number, error: number): void;
  /** Floors of a user's best scores, one for each class of panels, into `peaks`. */
  peaks(user: number): void;
  /** Puts the panels whose ceilings are above a threshold into `found`; gives their number. */
  above(user: number, threshold: number): number;
  /** The linear part of a user's vector: the weighted sum of the rows of `count` items. */
  encode(user: number, items: number, weights: number, count: number): void;
  /** Adds the hidden layer to the vectors of the first `groups` groups of users. */
  addHidden(groups: number): void;
}

/** The kernel of one thread: addresses and the model's sharpness are constants in the code. */
export function createKernel(
  memory: WebAssembly.Memory,
  layout: Layout,
  area: ThreadLayout,
  sharpness: number,
): Kernel {
  const functions = [
    { name: "dot", built: dotFunction(layout) },
    { name: "score", built: scoreFunction(layout, area) },
    { name: "estimate", built: estimateFunction(layout, area) },
    { name: "peaks", built: peaksFunction(layout, area) },
    { name: "above", built: aboveFunction(layout, area) },
    { name: "encode", built: encodeFunction(layout, area) },
    { name: "addHidden", built: hiddenFunction(layout, area, sharpness) },
  ];
  const module = new WebAssembly.Module(assemble(functions, { pages: layout.pages, shared: true }));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return exports as unknown as Kernel;
}
