/**
 * The hidden layer in the kernel: for a block of users at once, two matrix products and between them
 * an exponential. `release/encode.ts` has the equations.
 *
 * Hidden units are taken a tile at a time, so that what is between the products stays in the cache.
 */
import {
  FunctionBuilder,
  f32,
  f32x4,
  i32,
  increase,
  type Local,
  repeatWhile,
  type Statement,
  set,
  v128,
} from "../../release/wasm/assembler.ts";
import { Exponential } from "./exponential.ts";
import { COLUMNS, type Layout, type ThreadLayout, TILE_UNITS } from "./layout.ts";
import { MatrixProduct } from "./matrix-product.ts";

/**
 * `addHidden(groups)`: adds the hidden layer to the vectors of the first groups of users, whose linear
 * parts are there, zeros behind them, and beta / |s| of each in `nearness`.
 */
export function hiddenFunction(
  layout: Layout,
  area: ThreadLayout,
  sharpness: number,
): FunctionBuilder {
  const { centres, centreDimensions, units, mixing, mixedFrom, stride } = layout;
  const made = new FunctionBuilder();
  const groups = made.param("i32");
  if (units === 0) return made;
  const tiles = made.local("i32");
  const exponential = new Exponential(made);
  const ofVectors = { left: area.vectors, leftBytes: stride * 4, depth: centreDimensions };
  const ofActive = { left: area.active, leftBytes: TILE_UNITS * 4, depth: TILE_UNITS };
  const near = new MatrixProduct(made, { ...ofVectors, outBytes: TILE_UNITS * 4, adds: false });
  const mix = new MatrixProduct(made, { ...ofActive, outBytes: stride * 4, adds: true });
  /** exp(beta / |s| * (s . c) - beta) */
  const activate = (product: Local<"v128">, user: number, place: Local<"i32">): Statement => {
    const nearness = v128.loadSplat32(place, area.nearness + user * 4);
    const furthest = f32x4.splat(f32.const(sharpness));
    return [
      ...set(product, f32x4.sub(f32x4.mul(product, nearness), furthest)),
      ...exponential.apply(product),
    ];
  };
  return made.body(
    set(near.panel, i32.const(centres)),
    set(mix.panel, i32.const(mixing)),
    set(tiles, i32.const(units / TILE_UNITS)),
    repeatWhile(
      tiles,
      near.pass(groups, TILE_UNITS / COLUMNS, area.active, activate),
      mix.pass(groups, (stride - mixedFrom) / COLUMNS, area.vectors + mixedFrom * 4),
      increase(tiles, i32.const(-1)),
    ),
  );
}
