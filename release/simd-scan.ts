/** The scan as a SIMD kernel (`release/wasm/scan-kernel.ts`), some 40 times as fast as plain JavaScript. */
import { UsherError } from "./error.ts";
import { ModelView } from "./model.ts";
import { plainScan, type Scan } from "./scan.ts";

/** Dimensions that the kernel multiplies at once; user vectors are padded with zeros to a multiple. */
export const DIMENSIONS_AT_ONCE = 16;
const PAGE_BYTES = 65_536;
/** Longer user vectors are left to plain JavaScript. */
const MOST_DIMENSIONS = 8_192;
/** The user vector in 16 bits, what the kernel reads past the last row, and writes past the last score. */
const ROOM_BYTES = 2 * MOST_DIMENSIONS + 4 * MOST_DIMENSIONS + 64;
/** A 32-bit sum holds this much. */
const LARGEST_SUM = 2 ** 31 - 1;

/**
 * Lays a model into the kernel's own memory, so that nothing is copied at a request; the user vector
 * is quantised to 16 bits.
 *
 * @param module the compiled scan.wasm.
 * @param parts the model's value, cut into the parts that KV holds.
 * @param itemCount items that the model is to have.
 * @throws UsherError `VALUE_DAMAGED`, `VALUE_VERSION` when the parts are not such a model.
 */
export function simdScan(
  module: WebAssembly.Module,
  parts: readonly ArrayBuffer[],
  itemCount: number,
): Scan {
  const valueBytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
  const bytes = valueBytes + 4 * itemCount + ROOM_BYTES;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  const value = new Uint8Array(memory.buffer as ArrayBuffer, 0, valueBytes);
  let offset = 0;
  for (const part of parts) {
    value.set(new Uint8Array(part), offset);
    offset += part.byteLength;
  }
  const model = ModelView.from(value);
  requireItems(model, itemCount);
  if (model.dimensions > MOST_DIMENSIONS) return plainScan(model);
  const { items, dimensions, rows, scales } = model;
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const scan = exports["scan"] as (...numbers: number[]) => void;
  const userAt = align(valueBytes);
  const paddedDimensions = Math.ceil(dimensions / DIMENSIONS_AT_ONCE) * DIMENSIONS_AT_ONCE;
  const user16 = new Int16Array(memory.buffer, userAt, paddedDimensions);
  const scoresAt = align(userAt + user16.byteLength);
  const scores = new Float32Array(memory.buffer, scoresAt, items);
  const limit = largestElement(dimensions);
  return {
    model,
    bytes: memory.buffer.byteLength,
    score(user) {
      const step = quantiseUser(user, limit, user16);
      scan(
        rows.byteOffset,
        scales.byteOffset,
        dimensions,
        userAt,
        step,
        scoresAt,
        scoresAt + scores.byteLength,
      );
      return scores;
    },
  };
}

function requireItems(model: ModelView, itemCount: number): void {
  if (model.items === itemCount) return;
  throw new UsherError(
    "MODEL_ITEMS",
    `This model has ${model.items} items, the catalogue beside it ${itemCount}. Push the release again.`,
  );
}

/** The largest 16-bit element with which no sum over 8-bit rows leaves 32 bits. */
function largestElement(dimensions: number): number {
  return Math.min(32_767, Math.floor(LARGEST_SUM / (127 * dimensions)));
}

/** The user vector in steps of its largest element / limit. @returns the step. */
function quantiseUser(user: Float32Array, limit: number, out: Int16Array): number {
  let largest = 0;
  for (const element of user) largest = Math.max(largest, Math.abs(element));
  const step = largest / limit;
  for (let d = 0; d < user.length; d++) out[d] = step > 0 ? Math.round(user[d]! / step) : 0;
  return step;
}

function align(offset: number): number {
  return Math.ceil(offset / 16) * 16;
}
