import { expect, test } from "vitest";
import { assemble, FunctionBuilder, i32, set, v128 } from "../../release/wasm/assembler.ts";
import { Exponential } from "./exponential.ts";

/** e^x of four numbers, by the kernel's code. */
function exponentials(values: readonly number[]): Float32Array {
  const made = new FunctionBuilder();
  const x = made.local("v128");
  made.body(
    set(x, v128.load(i32.const(0))),
    new Exponential(made).apply(x),
    v128.store(i32.const(0), x),
  );
  const memory = new WebAssembly.Memory({ initial: 1 });
  const bytes = assemble([{ name: "run", built: made }], { pages: 1, shared: false });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const place = new Float32Array(memory.buffer, 0, 4);
  place.set(values);
  (exports["run"] as () => void)();
  return place.slice();
}

test("it is within 3e-7 of the exponential function", () => {
  for (let x = -87; x < 3; x += 0.0373) {
    const values = [x, x / 7, x / 50, x / 1000].map(Math.fround);
    exponentials(values).forEach((value, lane) => {
      expect(Math.abs(value / Math.exp(values[lane]!) - 1)).toBeLessThan(3e-7);
    });
  }
});

test("it is 1 at 0, nearly nothing far below, and no number of what is none", () => {
  const [one, little, none, nothing] = exponentials([0, -1e9, Number.NaN, -Infinity]);
  expect(one).toBe(1);
  expect(little).toBeLessThan(2e-38);
  expect(none).toBeNaN();
  expect(nothing).toBeLessThan(2e-38);
});
