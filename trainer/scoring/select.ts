/** Finding the high ceilings of one user among all panels, in the kernel. */
import {
  type Expression,
  FunctionBuilder,
  f32,
  f32x4,
  i32,
  i32x4,
  increase,
  type Local,
  repeatWhile,
  set,
  v128,
  when,
} from "../../release/wasm/assembler.ts";
import { type Layout, PEAKS, type ThreadLayout } from "./layout.ts";

const VECTOR_BYTES = 16;
const TURN = PEAKS / 4;

/**
 * `peaks(user)`: the panels in 32 classes (panel mod 32), and of each class the highest floor, that
 * is, ceiling less width. Floors of different classes are of different items.
 */
export function peaksFunction(layout: Layout, area: ThreadLayout): FunctionBuilder {
  const made = new FunctionBuilder();
  const user = made.param("i32");
  const ceilings = made.local("i32");
  const end = made.local("i32");
  const widths = made.local("i32");
  const peaks = Array.from({ length: TURN }, () => made.local("v128"));
  return made.body(
    set(ceilings, ceilingsOf(layout, area, user)),
    set(end, i32.add(ceilings, i32.const(scannedBytes(layout)))),
    set(widths, i32.const(area.widths)),
    ...peaks.map((peak) => set(peak, f32x4.splat(f32.const(Number.NEGATIVE_INFINITY)))),
    repeatWhile(
      i32.ltU(ceilings, end),
      ...peaks.map((peak, at) => {
        const offset = at * VECTOR_BYTES;
        const floors = f32x4.sub(v128.load(ceilings, offset), v128.load(widths, offset));
        return set(peak, f32x4.max(peak, floors));
      }),
      increase(ceilings, i32.const(TURN * VECTOR_BYTES)),
      increase(widths, i32.const(TURN * VECTOR_BYTES)),
    ),
    ...peaks.map((peak, at) => v128.store(i32.const(area.peaks + at * VECTOR_BYTES), peak)),
  );
}

/** `above(user, threshold)`: lists the panels whose ceilings are above; gives their number. */
export function aboveFunction(layout: Layout, area: ThreadLayout): FunctionBuilder<"i32"> {
  const made = new FunctionBuilder("i32");
  const user = made.param("i32");
  const threshold = made.param("f32");
  const ceilings = made.local("i32");
  const end = made.local("i32");
  const panel = made.local("i32");
  const found = made.local("i32");
  const mask = made.local("i32");
  const thresholds = made.local("v128");
  return made.body(
    set(ceilings, ceilingsOf(layout, area, user)),
    set(end, i32.add(ceilings, i32.const(scannedBytes(layout)))),
    set(thresholds, f32x4.splat(threshold)),
    set(found, i32.const(area.found)),
    repeatWhile(
      i32.ltU(ceilings, end),
      set(mask, i32x4.bitmask(f32x4.gt(v128.load(ceilings), thresholds))),
      when(
        mask,
        repeatWhile(
          mask,
          i32.store(found, i32.add(panel, i32.trailingZeros(mask))),
          increase(found, i32.const(4)),
          set(mask, i32.and(mask, i32.add(mask, i32.const(-1)))),
        ),
      ),
      increase(ceilings, i32.const(VECTOR_BYTES)),
      increase(panel, i32.const(4)),
    ),
    [...i32.shiftRight(i32.sub(found, i32.const(area.found)), i32.const(2)).code],
  );
}

function ceilingsOf(
  { ceilingStride }: Layout,
  { ceilings }: ThreadLayout,
  user: Local<"i32">,
): Expression<"i32"> {
  return i32.add(i32.const(ceilings), i32.mul(user, i32.const(ceilingStride * 4)));
}

/** All panels and what fills them up to a multiple of 32, whose ceilings are -Infinity. */
function scannedBytes({ panelCount }: Layout): number {
  return Math.ceil(panelCount / PEAKS) * PEAKS * 4;
}
