/** An f32 matrix multiplication with the scoring kernel's own product; only for comparison. */
import { assemble, FunctionBuilder, i32, set } from "../../release/wasm/assembler.ts";
import { COLUMNS, PRODUCT_USERS } from "../../trainer/scoring/layout.ts";
import { MatrixProduct } from "../../trainer/scoring/matrix-product.ts";

const PAGE_BYTES = 65_536;
const LEFT = 64;

/**
 * A function that multiplies users x dimensions by dimensions x items, scores written to memory; users
 * are a multiple of 5, items of 8, dimensions of 4.
 */
export function createGemm(users: number, items: number, dimensions: number): () => void {
  const leftBytes = dimensions * 4;
  const panels = LEFT + users * leftBytes;
  const scores = panels + items * leftBytes;
  const pages = Math.ceil((scores + users * items * 4) / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  new Float32Array(memory.buffer).fill(0.5, LEFT / 4, scores / 4);
  const made = new FunctionBuilder();
  const shape = { left: LEFT, leftBytes, depth: dimensions, outBytes: items * 4, adds: false };
  const product = new MatrixProduct(made, shape);
  made.body(
    set(product.panel, i32.const(panels)),
    product.pass(i32.const(users / PRODUCT_USERS), items / COLUMNS, scores),
  );
  const bytes = assemble([{ name: "multiply", built: made }], { pages, shared: true });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return exports["multiply"] as () => void;
}
