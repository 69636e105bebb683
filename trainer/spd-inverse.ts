/**
 * Inverse of a symmetric positive definite matrix by blocked Gauss-Jordan elimination: almost all of
 * its 2 n^3 operations are products of the tfjs backend. Float32: good to about 1e-4 of the largest
 * entry at the condition numbers (below 1e4) of a regularised Gram matrix.
 */
import { multiplyInto, openBackend, upload } from "./backend.ts";

const BLOCK = 192;

/** Replaces `matrix` (n x n, row-major, symmetric positive definite) by its inverse. */
export async function invertInPlace(matrix: Float32Array, n: number): Promise<void> {
  await openBackend();
  const update = new Float32Array(n * n);
  for (let start = 0; start < n; start += BLOCK) {
    eliminate(matrix, n, start, Math.min(BLOCK, n - start), update);
  }
}

/**
 * One step of the sweep over pivot rows and columns P of width b. With D = inverse of M[P,P]:
 *
 *     M[P,:] <- D M[P,:]    M[:,P] <- -M[:,P] D    M[i,j] <- M[i,j] - M[i,P] (D M[P,j])    M[P,P] <- D
 */
function eliminate(
  matrix: Float32Array,
  n: number,
  start: number,
  width: number,
  update: Float32Array,
): void {
  const pivot = inverseOfBlock(matrix, n, start, width);
  const left = new Float32Array(n * width);
  for (let i = 0; i < n; i++) {
    left.set(matrix.subarray(i * n + start, i * n + start + width), i * width);
  }
  const right = new Float32Array(width * n);
  const across = matrix.subarray(start * n, (start + width) * n);
  product(pivot, across, width, width, n, right);
  product(left, right, n, width, n, update);
  for (let at = 0; at < n * n; at++) matrix[at]! -= update[at]!;
  matrix.set(right, start * n);
  const column = new Float32Array(n * width);
  product(left, pivot, n, width, width, column);
  for (let i = 0; i < n; i++) {
    const inside = i >= start && i < start + width;
    for (let k = 0; k < width; k++) {
      matrix[i * n + start + k] = inside
        ? pivot[(i - start) * width + k]!
        : -column[i * width + k]!;
    }
  }
}

function product(
  a: Float32Array,
  b: Float32Array,
  rows: number,
  inner: number,
  cols: number,
  out: Float32Array,
): void {
  const left = upload(a, rows, inner);
  const right = upload(b, inner, cols);
  multiplyInto(left, right, out);
  left.dispose();
  right.dispose();
}

/** The inverse of one diagonal block, element by element in float64. */
function inverseOfBlock(
  matrix: Float32Array,
  n: number,
  start: number,
  width: number,
): Float32Array {
  const block = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    const base = (start + i) * n + start;
    block.set(matrix.subarray(base, base + width), i * width);
  }
  for (let p = 0; p < width; p++) {
    const scale = 1 / block[p * width + p]!;
    block[p * width + p] = 1;
    for (let j = 0; j < width; j++) block[p * width + j]! *= scale;
    for (let i = 0; i < width; i++) {
      if (i === p) continue;
      const factor = block[i * width + p]!;
      block[i * width + p] = 0;
      for (let j = 0; j < width; j++) block[i * width + j]! -= factor * block[p * width + j]!;
    }
  }
  return Float32Array.from(block);
}
