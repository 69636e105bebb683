/**
 * A small typed assembler for WebAssembly, so that our kernels are programs in this repository and
 * not binaries from elsewhere: no toolchain at install or run time.
 *
 * Code is written as nested expressions, each of which knows the type it leaves on the stack. Only
 * the instructions that the kernels need are here. Encodings: WebAssembly Core 3.0, section 5.4.
 */
import { signed, sized, text, unsigned } from "./encoding.ts";

type ValueType = "i32" | "f32" | "v128";

/** Code that leaves one value of a type on the stack. */
export interface Expression<T extends ValueType = ValueType> {
  readonly type: T;
  readonly code: readonly number[];
}

/** Code that leaves nothing on the stack. */
export type Statement = readonly number[];

/** A parameter or local variable of a function. */
export interface Local<T extends ValueType = ValueType> extends Expression<T> {
  readonly index: number;
}

const TYPE_CODES: Record<ValueType, number> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };
const NOTHING = 0x40;
const END = 0x0b;

const simd = (opcode: number) => [0xfd, ...unsigned(opcode)];

function operation<R extends ValueType, A extends ValueType[]>(type: R, opcode: number[]) {
  return (...operands: { [K in keyof A]: Expression<A[K]> }): Expression<R> => ({
    type,
    code: [...operands.flatMap(({ code }) => code), ...opcode],
  });
}

/** Loads from `address + offset`; `alignment` is the power of two that is promised. */
function load<R extends ValueType>(type: R, opcode: number[], alignment: number) {
  return (address: Expression<"i32">, offset = 0): Expression<R> => ({
    type,
    code: [...address.code, ...opcode, alignment, ...unsigned(offset)],
  });
}

function store<T extends ValueType>(opcode: number[], alignment: number) {
  return (address: Expression<"i32">, value: Expression<T>, offset = 0): Statement => [
    ...address.code,
    ...value.code,
    ...opcode,
    alignment,
    ...unsigned(offset),
  ];
}

export const i32 = {
  const: (value: number): Expression<"i32"> => ({ type: "i32", code: [0x41, ...signed(value)] }),
  load: load("i32", [0x28], 2),
  store: store<"i32">([0x36], 2),
  add: operation<"i32", ["i32", "i32"]>("i32", [0x6a]),
  sub: operation<"i32", ["i32", "i32"]>("i32", [0x6b]),
  mul: operation<"i32", ["i32", "i32"]>("i32", [0x6c]),
  and: operation<"i32", ["i32", "i32"]>("i32", [0x71]),
  shiftRight: operation<"i32", ["i32", "i32"]>("i32", [0x76]),
  ltU: operation<"i32", ["i32", "i32"]>("i32", [0x49]),
  trailingZeros: operation<"i32", ["i32"]>("i32", [0x68]),
};

export const f32 = {
  const: (value: number): Expression<"f32"> => ({
    type: "f32",
    code: [0x43, ...new Uint8Array(Float32Array.of(value).buffer)],
  }),
  load: load("f32", [0x2a], 2),
  store: store<"f32">([0x38], 2),
  add: operation<"f32", ["f32", "f32"]>("f32", [0x92]),
};

export const v128 = {
  zero: { type: "v128", code: [...simd(0x0c), ...Array(16).fill(0)] } as Expression<"v128">,
  load: load("v128", simd(0x00), 2),
  /** One 32-bit number in all four lanes. */
  loadSplat32: load("v128", simd(0x09), 2),
  /** Eight bytes, each widened to 16 bits with its sign. */
  load8x8Signed: load("v128", simd(0x01), 0),
  store: store<"v128">(simd(0x0b), 2),
  /** Four 32-bit lanes out of the eight of two vectors. */
  shuffle: (a: Expression<"v128">, b: Expression<"v128">, lanes: number[]): Expression<"v128"> => ({
    type: "v128",
    code: [
      ...a.code,
      ...b.code,
      ...simd(0x0d),
      ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * lane + byte)),
    ],
  }),
};

export const i32x4 = {
  add: operation<"v128", ["v128", "v128"]>("v128", simd(0xae)),
  shiftLeft: operation<"v128", ["v128", "i32"]>("v128", simd(0xab)),
  bitmask: operation<"i32", ["v128"]>("i32", simd(0xa4)),
  /** Products of eight pairs of 16 bits, neighbours added. */
  dotI16: operation<"v128", ["v128", "v128"]>("v128", simd(0xba)),
  truncateF32: operation<"v128", ["v128"]>("v128", simd(0xf8)),
  /**
   * Relaxed SIMD: in each lane, four products of a signed 8-bit number with a 7-bit one (0..127),
   * summed and added to the third operand. Within that range every machine gives the same.
   */
  dotI8I7Add: operation<"v128", ["v128", "v128", "v128"]>("v128", simd(0x113)),
};

export const f32x4 = {
  add: operation<"v128", ["v128", "v128"]>("v128", simd(0xe4)),
  mul: operation<"v128", ["v128", "v128"]>("v128", simd(0xe6)),
  sub: operation<"v128", ["v128", "v128"]>("v128", simd(0xe5)),
  /** To the nearest whole number, halves to the even one. */
  nearest: operation<"v128", ["v128"]>("v128", simd(0x6a)),
  gt: operation<"v128", ["v128", "v128"]>("v128", simd(0x44)),
  /** The larger in each lane, one instruction on every machine; NaN is not looked after. */
  max: operation<"v128", ["v128", "v128"]>("v128", simd(0xeb)),
  splat: operation<"v128", ["f32"]>("v128", simd(0x13)),
  convertI32: operation<"v128", ["v128"]>("v128", simd(0xfa)),
  lane: (vector: Expression<"v128">, lane: number): Expression<"f32"> => ({
    type: "f32",
    code: [...vector.code, ...simd(0x1f), lane],
  }),
};

export function set<T extends ValueType>(local: Local<T>, value: Expression<T>): Statement {
  return [...value.code, 0x21, ...unsigned(local.index)];
}

/** `local += amount`. */
export function increase(local: Local<"i32">, amount: Expression<"i32">): Statement {
  return set(local, i32.add(local, amount));
}

/** Runs the body, and again as long as the condition holds after it. */
export function repeatWhile(condition: Expression<"i32">, ...body: Statement[]): Statement {
  return [0x03, NOTHING, ...body.flat(), ...condition.code, 0x0d, 0, END];
}

/** Runs the body as long as the condition holds before it. */
export function whileTrue(condition: Expression<"i32">, ...body: Statement[]): Statement {
  return when(condition, repeatWhile(condition, ...body));
}

export function when(condition: Expression<"i32">, ...body: Statement[]): Statement {
  return [...condition.code, 0x04, NOTHING, ...body.flat(), END];
}

/** One function in the making: hands out its parameters and locals. */
export class FunctionBuilder<R extends ValueType | undefined = undefined> {
  readonly #params: ValueType[] = [];
  readonly #locals: ValueType[] = [];
  readonly #result: R;
  #body: readonly number[] = [];

  constructor(result?: R) {
    this.#result = result as R;
  }

  /** All parameters come before the first local. */
  param<T extends ValueType>(type: T): Local<T> {
    return this.#variable(this.#params, type);
  }

  local<T extends ValueType>(type: T): Local<T> {
    return this.#variable(this.#locals, type);
  }

  /** What the function does; with a result, the last piece must be its expression's code. */
  body(...statements: Statement[]): this {
    this.#body = statements.flat();
    return this;
  }

  #variable<T extends ValueType>(list: ValueType[], type: T): Local<T> {
    const index = this.#params.length + this.#locals.length;
    list.push(type);
    return { type, index, code: [0x20, ...unsigned(index)] };
  }

  /** Its signature, as in the type section. */
  get signature(): number[] {
    const params = this.#params.map((type) => TYPE_CODES[type]);
    const results = this.#result === undefined ? [] : [TYPE_CODES[this.#result]];
    return [0x60, params.length, ...params, results.length, ...results];
  }

  /** Its locals and body, as in the code section. */
  get code(): number[] {
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.#locals) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    const locals = runs.flatMap(({ type, count }) => [...unsigned(count), TYPE_CODES[type]]);
    return sized([...unsigned(runs.length), ...locals, ...this.#body, END]);
  }
}

/** The memory that a module works on. */
interface ImportedMemory {
  /** 64 KB each: at least, and of a shared memory also at most. */
  readonly pages: number;
  /** Whether several threads work on it. */
  readonly shared: boolean;
}

/** A module over one memory, imported as `env.memory`, that exports all its named functions. */
export function assemble(
  functions: readonly { name: string; built: FunctionBuilder<ValueType | undefined> }[],
  { pages, shared }: ImportedMemory,
): Uint8Array<ArrayBuffer> {
  const count = functions.length;
  const limits = shared ? [3, ...unsigned(pages), ...unsigned(pages)] : [0, ...unsigned(pages)];
  const exported = functions.flatMap(({ name }, index) => [...text(name), 0, ...unsigned(index)]);
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [count, ...functions.flatMap(({ built }) => built.signature)]),
    ...section(2, [1, ...text("env"), ...text("memory"), 2, ...limits]),
    ...section(3, [count, ...functions.keys()]),
    ...section(7, [count, ...exported]),
    ...section(10, [count, ...functions.flatMap(({ built }) => built.code)]),
  ]);
}

function section(id: number, content: number[]): number[] {
  return [id, ...sized(content)];
}
