/**
 * The scan of a fold-in as a WebAssembly SIMD kernel: one user vector against every item's row.
 *
 * `npm run wasm` assembles it into scan.wasm, which Workers import: they may not compile bytes.
 */
import { DIMENSIONS_AT_ONCE } from "../simd-scan.ts";
import {
  assemble,
  type Expression,
  FunctionBuilder,
  f32x4,
  i32,
  i32x4,
  increase,
  type Local,
  repeatWhile,
  type Statement,
  set,
  v128,
} from "./assembler.ts";

/** Four items are scored at once: their rows share each load of the user vector. */
const LANES = [0, 1, 2, 3] as const;

type Four<T> = readonly [T, T, T, T];

/**
 * `scan(rows, scales, dimensions, user, factor, out, end)`, addresses in bytes: writes the f32 scores
 * scale · factor · (row · user) from `out` to `end`, four at a time. Rows are i8, the user vector i16
 * and padded with zeros to 16 dimensions. It reads up to three rows and 16 bytes past the last row,
 * and writes up to three scores past the last: the caller leaves room.
 */
export function assembleScanKernel(): Uint8Array<ArrayBuffer> {
  const made = new FunctionBuilder();
  const rows = made.param("i32");
  const scales = made.param("i32");
  const dimensions = made.param("i32");
  const user = made.param("i32");
  const factor = made.param("f32");
  const out = made.param("i32");
  const end = made.param("i32");
  const product = new Product(made);
  const scaled = f32x4.mul(product.totals(), v128.load(scales));
  made.body(
    repeatWhile(
      i32.ltU(out, end),
      product.compute(rows, dimensions, user),
      product.gather(),
      v128.store(out, f32x4.mul(scaled, f32x4.splat(factor))),
      increase(scales, i32.const(16)),
      increase(out, i32.const(16)),
    ),
  );
  return assemble([{ name: "scan", built: made }], { pages: 1, shared: false });
}

/** The integer products of the user vector with four rows. */
class Product {
  readonly #rows: Four<Local<"i32">>;
  readonly #sums: Four<Local<"v128">>;
  readonly #at: Local<"i32">;
  readonly #low: Local<"v128">;
  readonly #high: Local<"v128">;

  constructor(made: FunctionBuilder) {
    this.#rows = four(() => made.local("i32"));
    this.#sums = four(() => made.local("v128"));
    this.#at = made.local("i32");
    this.#low = made.local("v128");
    this.#high = made.local("v128");
  }

  /** Each row starts where the one before it ends; `next` moves on to the four after. */
  compute(next: Local<"i32">, dimensions: Local<"i32">, user: Local<"i32">): Statement {
    const [row0, row1, row2, row3] = this.#rows;
    return [
      set(row0, next),
      set(row1, i32.add(row0, dimensions)),
      set(row2, i32.add(row1, dimensions)),
      set(row3, i32.add(row2, dimensions)),
      set(next, i32.add(row3, dimensions)),
      ...this.#sums.map((sum) => set(sum, v128.zero)),
      set(this.#at, i32.const(0)),
      repeatWhile(
        i32.ltU(this.#at, dimensions),
        // The user vector is 16 bits a dimension: twice as far along as the rows.
        set(this.#low, v128.load(i32.add(user, i32.mul(this.#at, i32.const(2))))),
        set(this.#high, v128.load(i32.add(user, i32.mul(this.#at, i32.const(2))), 16)),
        ...LANES.map((lane) => this.#multiplyRow(lane)),
        increase(this.#at, i32.const(DIMENSIONS_AT_ONCE)),
      ),
    ].flat();
  }

  /** sum += user · row, over the 16 dimensions at hand. */
  #multiplyRow(lane: (typeof LANES)[number]): Statement {
    const address = i32.add(this.#rows[lane], this.#at);
    const low = i32x4.dotI16(v128.load8x8Signed(address), this.#low);
    const high = i32x4.dotI16(v128.load8x8Signed(address, 8), this.#high);
    return set(this.#sums[lane], i32x4.add(i32x4.add(this.#sums[lane], low), high));
  }

  /** Brings the four sums' totals together in the first sum, a lane each. */
  gather(): Statement {
    const [sum0, sum1, sum2, sum3] = this.#sums;
    const low = this.#low;
    const high = this.#high;
    const even = v128.shuffle(low, high, [0, 1, 4, 5]);
    const odd = v128.shuffle(low, high, [2, 3, 6, 7]);
    return [
      ...set(low, pairwise(sum0, sum1)),
      ...set(high, pairwise(sum2, sum3)),
      ...set(sum0, i32x4.add(even, odd)),
    ];
  }

  /** Once gathered: the products as floats. */
  totals(): Expression<"v128"> {
    return f32x4.convertI32(this.#sums[0]);
  }
}

/** Adds two vectors' lanes pairwise: (a0 + a2, b0 + b2, a1 + a3, b1 + b3). */
function pairwise(a: Local<"v128">, b: Local<"v128">): Expression<"v128"> {
  return i32x4.add(v128.shuffle(a, b, [0, 4, 1, 5]), v128.shuffle(a, b, [2, 6, 3, 7]));
}

function four<T>(make: () => T): Four<T> {
  return [make(), make(), make(), make()];
}
