/**
 * An f32 matrix multiplication with the tools of the scoring kernel: 5 users x 8 items in registers,
 * panels of items in the first-level cache, users in the second. Only for comparison.
 */
import {
  assemble,
  FunctionBuilder,
  f32x4,
  i32,
  increase,
  repeatWhile,
  type Statement,
  set,
  v128,
} from "../../release/wasm/assembler.ts";

const GROUP = 5;
const VECTORS = 2;
const PANEL = 4 * VECTORS;
const VECTOR_BYTES = 16;

/** A function that multiplies users x dimensions by dimensions x items, scores written to memory. */
export function createGemm(users: number, items: number, dimensions: number): () => void {
  const groups = users / GROUP;
  const groupBytes = GROUP * dimensions * 4;
  const panelBytes = PANEL * dimensions * 4;
  const panels = 64 + groups * groupBytes;
  const scores = panels + (items / PANEL) * panelBytes;
  const pages = Math.ceil((scores + users * items * 4) / 65_536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  new Float32Array(memory.buffer).fill(0.5, 16, scores / 4);

  const made = new FunctionBuilder();
  const panel = made.local("i32");
  const group = made.local("i32");
  const out = made.local("i32");
  const row = made.local("i32");
  const end = made.local("i32");
  const sums = Array.from({ length: GROUP * VECTORS }, () => made.local("v128"));
  const columns = Array.from({ length: VECTORS }, () => made.local("v128"));
  const user = made.local("v128");
  const step: Statement[] = [
    ...columns.map((column, at) => set(column, v128.load(row, at * VECTOR_BYTES))),
    ...Array.from({ length: GROUP }, (_, place) => [
      ...set(user, v128.loadSplat32(group, place * 4)),
      ...columns.flatMap((column, at) => {
        const sum = sums[place * VECTORS + at]!;
        return set(sum, f32x4.add(sum, f32x4.mul(column, user)));
      }),
    ]),
    increase(row, i32.const(PANEL * 4)),
    increase(group, i32.const(GROUP * 4)),
  ];
  made.body(
    set(panel, i32.const(panels)),
    set(out, i32.const(scores)),
    repeatWhile(
      i32.ltU(panel, i32.const(scores)),
      set(group, i32.const(64)),
      repeatWhile(
        i32.ltU(group, i32.const(panels)),
        ...sums.map((sum) => set(sum, v128.zero)),
        set(row, panel),
        set(end, i32.add(panel, i32.const(panelBytes))),
        repeatWhile(i32.ltU(row, end), ...step),
        ...sums.map((sum, at) => v128.store(out, sum, at * VECTOR_BYTES)),
        increase(out, i32.const(sums.length * VECTOR_BYTES)),
      ),
      increase(panel, i32.const(panelBytes)),
    ),
  );
  const module = new WebAssembly.Module(
    assemble([{ name: "multiply", built: made }], { pages, shared: true }),
  );
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return exports["multiply"] as () => void;
}
