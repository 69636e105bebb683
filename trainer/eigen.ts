/**
 * Eigenvectors: all of a small symmetric matrix, and the leading ones of a large one that is known
 * only by what it does to vectors.
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { multiplyInto, transposed, upload } from "./backend.ts";
import type { Random } from "./random.ts";

/** Pairs by descending value. Vectors are columns: `vectors[row * count + k]`. */
export interface EigenPairs {
  values: Float64Array;
  vectors: Float64Array;
}

/** Eigenpairs of a symmetric n x n matrix (row-major), for n up to a thousand or so. */
export function symmetricEigen(matrix: Float64Array, n: number): EigenPairs {
  if (n === 0) return { values: new Float64Array(0), vectors: new Float64Array(0) };
  const rows = Array.from({ length: n }, (_, row) => matrix.subarray(row * n, (row + 1) * n));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(rows), {
    assumeSymmetric: true,
  });
  const order = Array.from(realEigenvalues.keys()).sort(
    (x, y) => realEigenvalues[y]! - realEigenvalues[x]!,
  );
  const vectors = new Float64Array(n * n);
  order.forEach((from, k) => {
    for (let row = 0; row < n; row++) vectors[row * n + k] = eigenvectorMatrix.get(row, from);
  });
  return { values: Float64Array.from(order, (k) => realEigenvalues[k]!), vectors };
}

export interface SubspaceOptions {
  /** Length of a vector. */
  size: number;
  /** Pairs wanted; at most `size`. */
  count: number;
  random: Random;
  /** Times the matrix is applied; the more, the truer are the last pairs. */
  iterations: number;
  /** Products M Q: takes and gives size x width, row-major. */
  multiply: (vectors: Float32Array, width: number) => Float32Array;
}

const OVERSAMPLING = 20;

/**
 * The leading eigenpairs of a symmetric positive semi-definite matrix by randomised subspace
 * iteration (Halko, Martinsson & Tropp 2011, algorithms 4.4 and 5.3). Where the matrix has a lower
 * rank, values are 0 from there on.
 */
export function leadingEigen(options: SubspaceOptions): EigenPairs {
  const { size, random, iterations, multiply } = options;
  const count = Math.min(options.count, size);
  const width = Math.min(size, count + OVERSAMPLING);
  let basis: Float32Array = Float32Array.from({ length: size * width }, () => random() - 0.5);
  orthonormalise(basis, size, width);
  for (let iteration = 1; iteration < iterations; iteration++) {
    basis = multiply(basis, width);
    orthonormalise(basis, size, width);
  }
  const image = multiply(basis, width);
  const small = innerProducts(basis, image, size, width);
  const { values, vectors } = symmetricEigen(small, width);
  return {
    values: values.slice(0, count).map((value) => Math.max(0, value)),
    vectors: rotated(basis, vectors, size, width, count),
  };
}

/** Columns made orthogonal among themselves, one by one, before they meet the next ones. */
const BLOCK = 24;

/**
 * Columns to length one and at right angles (Gram-Schmidt, twice): block by block, so that nearly all
 * of it is products on the backend. What is left of nothing is 0.
 */
function orthonormalise(basis: Float32Array, size: number, width: number): void {
  const columns = transpose(basis, size, width);
  for (let start = 0; start < width; start += BLOCK) {
    const block = columns.subarray(start * size, Math.min(width, start + BLOCK) * size);
    const lengths = Float64Array.from({ length: block.length / size }, (_, k) =>
      lengthOf(block.subarray(k * size, (k + 1) * size)),
    );
    for (let pass = 0; pass < 2; pass++) {
      if (start > 0) removeAlong(block, columns.subarray(0, start * size), size);
      orthonormaliseBlock(block, size, pass === 0 ? lengths : undefined);
    }
  }
  basis.set(transpose(columns, width, size));
}

/** B - (B P^T) P: takes from the rows of `block` what lies along those of `before`. */
function removeAlong(block: Float32Array, before: Float32Array, size: number): void {
  const rows = block.length / size;
  const count = before.length / size;
  const left = upload(block, rows, size);
  const right = upload(before, count, size);
  const rightT = transposed(right);
  const along = new Float32Array(rows * count);
  multiplyInto(left, rightT, along);
  const weights = upload(along, rows, count);
  const shadow = new Float32Array(block.length);
  multiplyInto(weights, right, shadow);
  for (const matrix of [left, right, rightT, weights]) matrix.dispose();
  for (let at = 0; at < block.length; at++) block[at]! -= shadow[at]!;
}

/** @param lengths of the rows at first: one that has lost all but rounding of it becomes 0 */
function orthonormaliseBlock(
  block: Float32Array,
  size: number,
  lengths: Float64Array | undefined,
): void {
  for (let k = 0; k * size < block.length; k++) {
    const row = block.subarray(k * size, (k + 1) * size);
    for (let other = 0; other < k; other++) {
      const against = block.subarray(other * size, (other + 1) * size);
      const along = dot(row, against);
      for (let i = 0; i < size; i++) row[i]! -= along * against[i]!;
    }
    const length = lengthOf(row);
    const factor = length > 1e-5 * (lengths?.[k] ?? 0) ? 1 / length : 0;
    for (let i = 0; i < size; i++) row[i]! *= factor;
  }
}

function lengthOf(vector: Float32Array): number {
  return Math.sqrt(dot(vector, vector));
}

function transpose(values: Float32Array, rows: number, cols: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) out[c * rows + r] = values[r * cols + c]!;
  }
  return out;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The symmetric part of Q^T M Q: width x width. */
function innerProducts(
  basis: Float32Array,
  image: Float32Array,
  size: number,
  width: number,
): Float64Array {
  const out = new Float64Array(width * width);
  for (let row = 0; row < size; row++) {
    const base = row * width;
    for (let a = 0; a < width; a++) {
      const value = basis[base + a]!;
      for (let b = 0; b < width; b++) out[a * width + b]! += value * image[base + b]!;
    }
  }
  for (let a = 0; a < width; a++) {
    for (let b = 0; b < a; b++) {
      const mean = (out[a * width + b]! + out[b * width + a]!) / 2;
      out[a * width + b] = mean;
      out[b * width + a] = mean;
    }
  }
  return out;
}

/** Q times the first `count` of the small eigenvectors: size x count. */
function rotated(
  basis: Float32Array,
  small: Float64Array,
  size: number,
  width: number,
  count: number,
): Float64Array {
  const out = new Float64Array(size * count);
  for (let row = 0; row < size; row++) {
    for (let a = 0; a < width; a++) {
      const value = basis[row * width + a]!;
      for (let k = 0; k < count; k++) out[row * count + k]! += value * small[a * width + k]!;
    }
  }
  return out;
}
