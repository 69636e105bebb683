/**
 * Rows and user vectors as 8-bit and 7-bit integers, with what is needed to bound the error.
 *
 * With u = s (q + e) for a user and v = t (p + f) for an item, where q and p are integer vectors, e
 * and f what rounding took away:
 *
 *     u.v / (s t)  <=  q.p + |q| |f| + |e| |v / t|                       (Cauchy-Schwarz, twice)
 *
 * The kernel adds the right side's last two terms to the integer product, so that an item is passed
 * over only when its score cannot beat the threshold. Rounding in f32, of the score itself and of the
 * comparison, is covered by another term in |u / s| |v / t|.
 */
import { GROUP_USERS, type Layout, PANEL_HEAD_BYTES, PANEL_ITEMS } from "./layout.ts";

const MOST_ITEM = 127;
const MOST_USER = 63;
/** User integers are stored from 1 to 127: the instruction wants 7 bits without a sign. */
const USER_OFFSET = 64;
/** Numbers this large are no vectors of a trained model, and their products leave f32. */
const MOST_FINITE = 1e15;
/** Vectors of (nearly) nothing are quantised as if they had this size: no division by zero. */
const LEAST = 1e-18;
/** Half the distance of 1 to the next f32, relative rounding error of one operation. */
const ROUNDING = 2 ** -24;

/** Writes rows (items x dimensions) into the shared memory: padded, and as panels of integers. */
export function packItems(memory: WebAssembly.Memory, layout: Layout, rows: Float32Array): number {
  const { items, dimensions, stride } = layout;
  const padded = new Float32Array(memory.buffer, layout.rows, items * stride);
  for (let item = 0; item < items; item++) {
    const row = rows.subarray(item * dimensions, (item + 1) * dimensions);
    padded.set(row, item * stride);
    if (!packItem(memory, layout, item, row)) return item;
  }
  return -1;
}

/** False when the row is not of finite numbers. */
function packItem(memory: WebAssembly.Memory, layout: Layout, item: number, row: Float32Array) {
  const panel = layout.panels + Math.floor(item / PANEL_ITEMS) * layout.panelBytes;
  const column = item % PANEL_ITEMS;
  const bytes = new Int8Array(memory.buffer, panel + PANEL_HEAD_BYTES, PANEL_ITEMS * layout.stride);
  const starts = new Int32Array(memory.buffer, panel, PANEL_ITEMS);
  const heads = new Float32Array(memory.buffer, panel, PANEL_HEAD_BYTES / 4);
  const largest = largestOf(row);
  if (largest === Number.POSITIVE_INFINITY) return false;
  const scale = Math.fround(Math.max(largest, LEAST) / MOST_ITEM);
  let sum = 0;
  let error = 0;
  let length = 0;
  for (let d = 0; d < row.length; d++) {
    const value = row[d]! / scale;
    const integer = Math.round(value);
    bytes[(d >> 2) * PANEL_ITEMS * 4 + column * 4 + (d & 3)] = integer;
    sum += integer;
    error += (value - integer) ** 2;
    length += value ** 2;
  }
  starts[column] = -USER_OFFSET * sum;
  heads[PANEL_ITEMS + column] = scale;
  heads[2 * PANEL_ITEMS + column] = Math.sqrt(error);
  heads[3 * PANEL_ITEMS + column] = Math.sqrt(length);
  return true;
}

/** The parts of the bound that a user brings, in units of the scale. */
export interface UserBound {
  /** Size of the user's integer unit; not a number when the vector is not finite. */
  scale: number;
  /** |q| */
  length: number;
  /** |e| and the rounding of f32. */
  error: number;
}

/** Writes one user's vector into its place in the packed block (`packed` lies over the block). */
export function packUser(packed: Uint8Array, user: number, vector: Float32Array, stride: number) {
  const place = packedOffset(user, stride);
  const largest = largestOf(vector);
  if (largest === Number.POSITIVE_INFINITY) return undefined;
  const scale = Math.fround(Math.max(largest, LEAST) / MOST_USER);
  let length = 0;
  let error = 0;
  for (let d = 0; d < stride; d++) {
    const value = (d < vector.length ? vector[d]! : 0) / scale;
    const integer = Math.round(value);
    packed[place + (d >> 2) * GROUP_USERS * 4 + (d & 3)] = integer + USER_OFFSET;
    length += integer * integer;
    error += (value - integer) ** 2;
  }
  const bound: UserBound = { scale, length: Math.sqrt(length), error: Math.sqrt(error) };
  bound.error += ROUNDING * (vector.length + 16) * (bound.length + bound.error);
  return bound;
}

/** Where a user's first four dimensions lie in a packed block; the next are a group's bytes further. */
export function packedOffset(user: number, stride: number): number {
  const group = Math.floor(user / GROUP_USERS);
  return group * GROUP_USERS * stride + (user % GROUP_USERS) * 4;
}

/** Infinite when a number is not finite or too large. */
function largestOf(vector: Float32Array): number {
  let largest = 0;
  for (let d = 0; d < vector.length; d++) {
    const size = Math.abs(vector[d]!);
    // Written so that NaN does not pass.
    if (!(size < MOST_FINITE)) return Number.POSITIVE_INFINITY;
    if (size > largest) largest = size;
  }
  return largest;
}
