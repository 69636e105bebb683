/**
 * The scan of a fold-in as a WebAssembly SIMD kernel: one user vector against every item's row.
 *
 * `npm run wasm` assembles it into scan.wasm, which Workers import: they may not compile bytes.
 */
import { DIMENSIONS_AT_ONCE } from "../simd-scan.ts";
import {
  assemble,
  type Code,
  F32,
  f32x4FromI32x4,
  f32x4Multiply,
  f32x4Splat,
  get,
  I32,
  i32Add,
  i32Const,
  i32LessThan,
  i32Mul,
  i32x4Add,
  i32x4DotI16x8,
  i32x4Shuffle,
  repeatWhile,
  set,
  V128,
  v128Load,
  v128Load8x8Signed,
  v128Store,
  v128Zero,
} from "./assembler.ts";

const PARAMETERS = {
  rows: I32,
  scales: I32,
  dimensions: I32,
  user: I32,
  factor: F32,
  out: I32,
  end: I32,
};
const LOCALS = {
  row0: I32,
  row1: I32,
  row2: I32,
  row3: I32,
  at: I32,
  sum0: V128,
  sum1: V128,
  sum2: V128,
  sum3: V128,
  low: V128,
  high: V128,
};

type Local = keyof typeof PARAMETERS | keyof typeof LOCALS;
const ORDER = [...Object.keys(PARAMETERS), ...Object.keys(LOCALS)] as Local[];
const load = (local: Local) => get(ORDER.indexOf(local));
const store = (local: Local) => set(ORDER.indexOf(local));
/** Four items are scored at once: their rows share each load of the user vector. */
const LANES = [0, 1, 2, 3] as const;

const add = (local: Local, amount: Code): Code => [load(local), amount, i32Add, store(local)];
const bytes = (count: number) => i32Const(count);

/** sum += user · row, over the 16 dimensions from `at` on. */
const multiplyRow = (lane: (typeof LANES)[number]): Code => {
  const address = [load(`row${lane}`), load("at"), i32Add];
  return [
    load(`sum${lane}`),
    [address, v128Load8x8Signed(0), load("low"), i32x4DotI16x8, i32x4Add],
    [address, v128Load8x8Signed(8), load("high"), i32x4DotI16x8, i32x4Add],
    store(`sum${lane}`),
  ];
};

/** The user vector is 16 bits a dimension: twice as far along as the rows. */
const userAddress: Code = [load("user"), load("at"), i32Const(2), i32Mul, i32Add];

const multiplyDimensions: Code = [
  [userAddress, v128Load(0), store("low")],
  [userAddress, v128Load(16), store("high")],
  LANES.map(multiplyRow),
  add("at", bytes(DIMENSIONS_AT_ONCE)),
];

/** Adds two vectors' lanes pairwise: (a0 + a2, b0 + b2, a1 + a3, b1 + b3). */
const pairwise = (a: Local, b: Local): Code => [
  [load(a), load(b), i32x4Shuffle(0, 4, 1, 5)],
  [load(a), load(b), i32x4Shuffle(2, 6, 3, 7)],
  i32x4Add,
];

/** The four sums' totals as four lanes, times the rows' scales and the user's factor. */
const writeScores: Code = [
  [pairwise("sum0", "sum1"), store("low")],
  [pairwise("sum2", "sum3"), store("high")],
  load("out"),
  [load("low"), load("high"), i32x4Shuffle(0, 1, 4, 5)],
  [load("low"), load("high"), i32x4Shuffle(2, 3, 6, 7)],
  [i32x4Add, f32x4FromI32x4],
  [load("scales"), v128Load(0), f32x4Multiply],
  [load("factor"), f32x4Splat, f32x4Multiply],
  v128Store(0),
];

/** Each row starts where the one before it ends; after four, the next four begin. */
const pointAtRows: Code = [
  [load("rows"), store("row0")],
  LANES.slice(1).map((lane) => [
    [load(`row${lane - 1}` as Local), load("dimensions"), i32Add],
    store(`row${lane}` as Local),
  ]),
  [load("row3"), load("dimensions"), i32Add, store("rows")],
];

const scoreFourItems: Code = [
  pointAtRows,
  LANES.map((lane) => [v128Zero, store(`sum${lane}`)]),
  [i32Const(0), store("at")],
  repeatWhile(multiplyDimensions, [load("at"), load("dimensions"), i32LessThan]),
  writeScores,
  add("scales", bytes(16)),
  add("out", bytes(16)),
];

/**
 * `scan(rows, scales, dimensions, user, factor, out, end)`, addresses in bytes: writes the f32 scores
 * scale · factor · (row · user) from `out` to `end`, four at a time. Rows are i8, the user vector i16
 * and padded with zeros to 16 dimensions. It reads up to three rows and 16 bytes past the last row,
 * and writes up to three scores past the last: the caller leaves room.
 */
export function assembleScanKernel(): Uint8Array<ArrayBuffer> {
  return assemble({
    name: "scan",
    parameters: Object.values(PARAMETERS),
    locals: Object.values(LOCALS),
    body: repeatWhile(scoreFourItems, [load("out"), load("end"), i32LessThan]),
  });
}
