/**
 * The scoring kernel: the best items of a block of users, exact, without ever writing scores down.
 *
 * Every product of user and item is first estimated in 8-bit integers, four times as fast as in
 * floats, together with a bound on the estimate's error. Only where estimate plus bound beats what
 * the user's list has already is the score computed in f32. The bound is rigorous (quantise.ts), so
 * the filter loses nothing, and as a score is always summed in the same order, the lists are the same
 * bytes on every machine, whatever the split into blocks, threads and shards.
 *
 * Thresholds as in LEMP (Teflioudi et al. 2015, section 3); register blocking as in Goto and van de
 * Geijn 2008.
 */
import { assemble } from "./assembler.ts";
import { dotFunction, noteFunction, settleFunction } from "./candidates.ts";
import { encodeFunction } from "./encode-kernel.ts";
import { scoreFunction } from "./filter.ts";
import type { Layout, ThreadLayout } from "./layout.ts";

export interface Kernel {
  /** The product of two padded vectors by their addresses: f32, in 16 interleaved sums. */
  dot(a: number, b: number): number;
  /** Exact scores for a user's pending candidates, the best of which enter the list. */
  settle(user: number): void;
  /**
   * Estimates all products of the first `groups` groups of packed users and notes the candidates.
   *
   * @param length the largest length of the users' integer vectors.
   * @param error the largest part of the bound that grows with an item's length.
   */
  score(groups: number, length: number, error: number): void;
  /** A user's vector from `count` items and weights: the weighted sum of their rows. */
  encode(user: number, items: number, weights: number, count: number): void;
}

/** The kernel of one thread: its addresses are constants in the code. */
export function createKernel(
  memory: WebAssembly.Memory,
  layout: Layout,
  area: ThreadLayout,
): Kernel {
  const functions = [
    { name: "dot", built: dotFunction(layout) },
    { name: "settle", built: settleFunction(layout, area, 0) },
    { name: "note", built: noteFunction(layout, area, 1) },
    { name: "score", built: scoreFunction(layout, area, 2) },
    { name: "encode", built: encodeFunction(layout, area) },
  ];
  const module = new WebAssembly.Module(assemble(functions, layout.pages));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return exports as unknown as Kernel;
}
