/** The linear part of user vectors in the kernel, straight from the shared rows. */
import {
  FunctionBuilder,
  f32,
  f32x4,
  i32,
  increase,
  repeatWhile,
  set,
  v128,
  whileTrue,
} from "../../release/wasm/assembler.ts";
import type { Layout, ThreadLayout } from "./layout.ts";

const VECTOR_BYTES = 16;
const UNROLL = 4;

/**
 * `encode(user, items, weights, count)`: the weighted sum of `count` item rows, their linear
 * dimensions; up to 15 after them are overwritten too.
 */
export function encodeFunction(layout: Layout, area: ThreadLayout): FunctionBuilder {
  const { rows, stride, linear } = layout;
  const made = new FunctionBuilder();
  const user = made.param("i32");
  const item = made.param("i32");
  const weights = made.param("i32");
  const count = made.param("i32");
  const rowBytes = stride * 4;
  const turnBytes = UNROLL * VECTOR_BYTES;
  const summedBytes = Math.ceil((linear * 4) / turnBytes) * turnBytes;
  const vector = made.local("i32");
  const at = made.local("i32");
  const end = made.local("i32");
  const row = made.local("i32");
  const weight = made.local("v128");
  const places = Array.from({ length: UNROLL }, (_, place) => place * VECTOR_BYTES);
  const turn = (...body: number[][]) => [
    ...set(at, vector),
    ...repeatWhile(i32.ltU(at, end), ...body, increase(at, i32.const(turnBytes))),
  ];
  const added = (place: number) =>
    f32x4.add(v128.load(at, place), f32x4.mul(weight, v128.load(row, place)));
  return made.body(
    set(vector, i32.add(i32.const(area.vectors), i32.mul(user, i32.const(rowBytes)))),
    set(end, i32.add(vector, i32.const(summedBytes))),
    turn(...places.map((place) => [...v128.store(at, v128.zero, place)])),
    whileTrue(
      count,
      set(row, i32.add(i32.const(rows), i32.mul(i32.load(item), i32.const(rowBytes)))),
      set(weight, f32x4.splat(f32.load(weights))),
      turn(...places.map((place) => [...v128.store(at, added(place), place)]), [
        ...increase(row, i32.const(turnBytes)),
      ]),
      increase(item, i32.const(4)),
      increase(weights, i32.const(4)),
      increase(count, i32.const(-1)),
    ),
  );
}
