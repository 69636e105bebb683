/** The exponential function in the kernel: the same bits on every machine. */
import {
  type Expression,
  type FunctionBuilder,
  f32,
  f32x4,
  i32,
  i32x4,
  type Local,
  type Statement,
  set,
} from "../../release/wasm/assembler.ts";

/** ln 2 in two pieces: products of whole numbers with the first are exact. */
const LN2_HIGH = 355 / 512;
const LN2_LOW = Math.LN2 - LN2_HIGH;
/** Below this the result would leave the normal range of f32; it stays at 1.6e-38. */
const LEAST = -87;
/** 1/7!, 1/6!, .. 1/0!: enough where |r| <= ln 2 / 2. */
const TAYLOR = [5040, 720, 120, 24, 6, 2, 1, 1].map((factorial) => 1 / factorial);
const EXPONENT_BIAS = 127;
const MANTISSA_BITS = 23;

/**
 * e^x in four lanes, for x below 88: within 3e-7 of the value, relatively. With x = n ln 2 + r it is
 * 2^n, written into the exponent's bits, times the Taylor polynomial of e^r.
 */
export class Exponential {
  readonly #whole: Local<"v128">;
  readonly #power: Local<"v128">;

  constructor(made: FunctionBuilder) {
    this.#whole = made.local("v128");
    this.#power = made.local("v128");
  }

  /** Makes x e^x, in place. */
  apply(x: Local<"v128">): Statement {
    const whole = this.#whole;
    const power = this.#power;
    const less = (part: number) => f32x4.sub(x, f32x4.mul(whole, splat(part)));
    const [highest, ...rest] = TAYLOR;
    return [
      set(x, f32x4.max(x, splat(LEAST))),
      set(whole, f32x4.nearest(f32x4.mul(x, splat(Math.LOG2E)))),
      set(x, less(LN2_HIGH)),
      set(x, less(LN2_LOW)),
      set(power, splat(highest!)),
      ...rest.map((term) => set(power, f32x4.add(f32x4.mul(power, x), splat(term)))),
      set(x, f32x4.mul(power, powerOfTwo(whole))),
    ].flat();
  }
}

/** 2^n, of whole numbers as floats. */
function powerOfTwo(whole: Expression<"v128">): Expression<"v128"> {
  const biased = f32x4.add(whole, splat(EXPONENT_BIAS));
  return i32x4.shiftLeft(i32x4.truncateF32(biased), i32.const(MANTISSA_BITS));
}

function splat(value: number): Expression<"v128"> {
  return f32x4.splat(f32.const(value));
}
