/** The exact product of two vectors, in the kernel. */
import {
  FunctionBuilder,
  f32,
  f32x4,
  i32,
  increase,
  type Local,
  repeatWhile,
  set,
  v128,
} from "../../release/wasm/assembler.ts";
import type { Layout } from "./layout.ts";

const VECTOR_BYTES = 16;
/** Sums side by side, so that additions do not wait for each other. */
const SUMS = 4;

/** `dot(a, b)`: the product of two vectors, in 16 partial sums (k mod 16) that are added pairwise. */
export function dotFunction({ stride }: Layout): FunctionBuilder<"f32"> {
  const made = new FunctionBuilder("f32");
  const a = made.param("i32");
  const b = made.param("i32");
  const end = made.local("i32");
  const sums = Array.from({ length: SUMS }, () => made.local("v128"));
  const [s0, s1, s2, s3] = sums as [Local<"v128">, Local<"v128">, Local<"v128">, Local<"v128">];
  const lane = (at: number) => f32x4.lane(s0, at);
  return made.body(
    set(end, i32.add(a, i32.const(stride * 4))),
    repeatWhile(
      i32.ltU(a, end),
      ...sums.map((sum, at) => {
        const offset = at * VECTOR_BYTES;
        return set(sum, f32x4.add(sum, f32x4.mul(v128.load(a, offset), v128.load(b, offset))));
      }),
      increase(a, i32.const(SUMS * VECTOR_BYTES)),
      increase(b, i32.const(SUMS * VECTOR_BYTES)),
    ),
    set(s0, f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3))),
    [...f32.add(f32.add(lane(0), lane(1)), f32.add(lane(2), lane(3))).code],
  );
}
