/**
 * A matrix product in the kernel, users x depth times depth x columns, in f32: 5 users x 8 columns in
 * registers, a panel of columns in the first-level cache, users in the second.
 *
 * Every sum is taken in the order of its terms, so that a user's results depend on nobody else.
 */
import {
  type Expression,
  type FunctionBuilder,
  f32x4,
  i32,
  increase,
  type Local,
  repeatWhile,
  type Statement,
  set,
  v128,
} from "../../release/wasm/assembler.ts";
import { COLUMNS, PRODUCT_USERS, TERMS } from "./layout.ts";

const VECTOR_BYTES = 16;
const VECTORS = COLUMNS / 4;

interface Shape {
  /** The users' rows: address, and bytes from one to the next. */
  readonly left: number;
  readonly leftBytes: number;
  /** Length of the sums, a multiple of TERMS. */
  readonly depth: number;
  /** Bytes from one user's results to the next one's. */
  readonly outBytes: number;
  /** Whether results are added to what is there already. */
  readonly adds: boolean;
}

/** Changes the sums of four columns before they are written; `place` is the group's first user x 4. */
type Finish = (sum: Local<"v128">, user: number, place: Local<"i32">) => Statement;

export class MatrixProduct {
  /** The panel at hand (depth x 8 columns): set it to the first; a pass leaves it behind its last. */
  readonly panel: Local<"i32">;
  readonly #shape: Shape;
  readonly #panelBytes: number;
  readonly #panels: Local<"i32">;
  readonly #panelOut: Local<"i32">;
  readonly #place: Local<"i32">;
  readonly #users: Local<"i32">;
  readonly #out: Local<"i32">;
  readonly #row: Local<"i32">;
  readonly #end: Local<"i32">;
  /** group users x vectors of 4 columns. */
  readonly #sums: readonly (readonly Local<"v128">[])[];
  readonly #columns: readonly Local<"v128">[];
  readonly #factor: Local<"v128">;

  constructor(made: FunctionBuilder, shape: Shape) {
    this.#shape = shape;
    this.#panelBytes = shape.depth * COLUMNS * 4;
    this.panel = made.local("i32");
    this.#panels = made.local("i32");
    this.#panelOut = made.local("i32");
    this.#place = made.local("i32");
    this.#users = made.local("i32");
    this.#out = made.local("i32");
    this.#row = made.local("i32");
    this.#end = made.local("i32");
    this.#sums = times(PRODUCT_USERS, () => times(VECTORS, () => made.local("v128")));
    this.#columns = times(VECTORS, () => made.local("v128"));
    this.#factor = made.local("v128");
  }

  /** The next panels for the first groups of users; results from the address `out` on. */
  pass(
    groups: Expression<"i32">,
    panels: number,
    out: number,
    finish: Finish = () => [],
  ): Statement {
    const { left, leftBytes, outBytes, depth } = this.#shape;
    return [
      ...set(this.#panels, i32.const(panels)),
      ...set(this.#panelOut, i32.const(out)),
      ...repeatWhile(
        this.#panels,
        set(this.#users, i32.const(left)),
        set(this.#out, this.#panelOut),
        set(this.#place, i32.const(0)),
        repeatWhile(
          i32.ltU(this.#place, i32.mul(groups, i32.const(PRODUCT_USERS * 4))),
          this.#multiply(),
          this.#store(finish),
          increase(this.#users, i32.const(PRODUCT_USERS * leftBytes - depth * 4)),
          increase(this.#out, i32.const(PRODUCT_USERS * outBytes)),
          increase(this.#place, i32.const(PRODUCT_USERS * 4)),
        ),
        increase(this.panel, i32.const(this.#panelBytes)),
        increase(this.#panelOut, i32.const(COLUMNS * 4)),
        increase(this.#panels, i32.const(-1)),
      ),
    ];
  }

  #multiply(): Statement {
    const start = (offset: number) => (this.#shape.adds ? v128.load(this.#out, offset) : v128.zero);
    return [
      ...this.#eachSum((sum, _, offset) => set(sum, start(offset))),
      ...set(this.#row, this.panel),
      ...set(this.#end, i32.add(this.panel, i32.const(this.#panelBytes))),
      ...repeatWhile(
        i32.ltU(this.#row, this.#end),
        ...times(TERMS, (step) => this.#step(step)),
        increase(this.#users, i32.const(TERMS * 4)),
        increase(this.#row, i32.const(TERMS * COLUMNS * 4)),
      ),
    ];
  }

  /** One term of all sums. */
  #step(step: number): Statement {
    const rowOffset = step * COLUMNS * 4;
    const userOffset = (user: number) => user * this.#shape.leftBytes + step * 4;
    return [
      this.#columns.map((column, at) =>
        set(column, v128.load(this.#row, rowOffset + at * VECTOR_BYTES)),
      ),
      this.#sums.map((row, user) => [
        ...set(this.#factor, v128.loadSplat32(this.#users, userOffset(user))),
        ...row.flatMap((sum, at) =>
          set(sum, f32x4.add(sum, f32x4.mul(this.#columns[at]!, this.#factor))),
        ),
      ]),
    ].flat(2);
  }

  #store(finish: Finish): Statement {
    return this.#eachSum((sum, user, offset) => [
      ...finish(sum, user, this.#place),
      ...v128.store(this.#out, sum, offset),
    ]);
  }

  #eachSum(make: (sum: Local<"v128">, user: number, offset: number) => Statement): Statement {
    return this.#sums.flatMap((row, user) =>
      row.flatMap((sum, at) => make(sum, user, user * this.#shape.outBytes + at * VECTOR_BYTES)),
    );
  }
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
