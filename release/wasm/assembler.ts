/**
 * A WebAssembly assembler as small as one kernel needs: instructions as bytes, one function, one
 * imported memory. WebAssembly Core Specification 2.0, section 5 (binary format).
 */

/** Instructions, nested as they read; flattened when the module is assembled. */
export type Code = readonly (number | Code)[];

/** Types of values. */
export const I32 = 0x7f;
export const F32 = 0x7d;
export const V128 = 0x7b;

export const get = (local: number): Code => [0x20, unsigned(local)];
export const set = (local: number): Code => [0x21, unsigned(local)];
export const i32Const = (value: number): Code => [0x41, signed(value)];
export const i32Add: Code = [0x6a];
export const i32Mul: Code = [0x6c];
export const i32LessThan: Code = [0x49];

/** Repeats `body` for as long as `condition` leaves something other than 0. */
export const repeatWhile = (body: Code, condition: Code): Code => [
  [0x03, 0x40],
  body,
  condition,
  [0x0d, 0],
  0x0b,
];

/** The 128-bit instructions of the kernel; loads and stores take a constant offset in bytes. */
export const v128Load = (offset: number): Code => [simd(0), 0, unsigned(offset)];
/** Eight bytes, each widened to 16 bits with its sign. */
export const v128Load8x8Signed = (offset: number): Code => [simd(1), 0, unsigned(offset)];
export const v128Store = (offset: number): Code => [simd(11), 0, unsigned(offset)];
export const v128Zero: Code = [simd(12), new Array<number>(16).fill(0)];
export const i32x4Add: Code = simd(174);
/** Products of eight 16-bit pairs, neighbours added: four 32-bit sums. */
export const i32x4DotI16x8: Code = simd(186);
export const f32x4Splat: Code = simd(19);
export const f32x4Multiply: Code = simd(230);
export const f32x4FromI32x4: Code = simd(250);

/** Four 32-bit lanes chosen from two vectors: 0..3 of the first, 4..7 of the second. */
export const i32x4Shuffle = (...lanes: [number, number, number, number]): Code => [
  simd(13),
  lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte)),
];

function simd(opcode: number): Code {
  return [0xfd, unsigned(opcode)];
}

/** One exported function without a result. */
export interface ExportedFunction {
  readonly name: string;
  /** Types of the parameters, which are the first locals. */
  readonly parameters: readonly number[];
  /** Types of the locals after them. */
  readonly locals: readonly number[];
  readonly body: Code;
}

/** A module that imports the memory `env.memory` and exports one function. */
export function assemble({
  name,
  parameters,
  locals,
  body,
}: ExportedFunction): Uint8Array<ArrayBuffer> {
  const code = vector([...locals.map((type) => [1, type])], [body, 0x0b]);
  const module: Code = [
    [0x00, 0x61, 0x73, 0x6d],
    [1, 0, 0, 0],
    section(1, vector([[0x60, vector(parameters.map((type) => [type])), 0]])),
    section(2, vector([[text("env"), text("memory"), 0x02, 0x00, unsigned(1)]])),
    section(3, vector([[0]])),
    section(7, vector([[text(name), 0x00, 0]])),
    section(10, vector([[unsigned(flatten(code).length), code]])),
  ];
  return Uint8Array.from(flatten(module));
}

function section(id: number, content: Code): Code {
  return [id, unsigned(flatten(content).length), content];
}

function vector(entries: readonly Code[], after: Code = []): Code {
  return [unsigned(entries.length), entries, after];
}

function text(value: string): Code {
  return [unsigned(value.length), [...new TextEncoder().encode(value)]];
}

/** LEB128 of a number that is not negative. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** LEB128 of a 32-bit number with its sign. */
function signed(value: number): number[] {
  const last = value >= -64 && value < 64;
  return last ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

function flatten(code: Code): number[] {
  return code.flatMap((part) => (typeof part === "number" ? [part] : flatten(part)));
}
