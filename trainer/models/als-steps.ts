/**
 * The arithmetic of implicit ALS: one side's rows improved while the other side stands still.
 */
import type { Csr } from "../csr.ts";

/** One side: its interactions (rows x size of the other side) and factors (rows x dimensions). */
export interface Side {
  matrix: Csr;
  factors: Float32Array;
}

interface Weights {
  dimensions: number;
  alpha: number;
  lambda: number;
  nu: number;
}

/** Steps a row takes in each epoch; it starts from where it stood, so that few suffice. */
const GRADIENT_STEPS = 3;

/** alpha F^T F: dimensions x dimensions, symmetric. */
export function gramOf(factors: Float32Array, { dimensions: d, alpha }: Weights): Float64Array {
  const gram = new Float64Array(d * d);
  for (let base = 0; base < factors.length; base += d) {
    for (let i = 0; i < d; i++) {
      const left = alpha * factors[base + i]!;
      for (let j = 0; j <= i; j++) gram[i * d + j]! += left * factors[base + j]!;
    }
  }
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) gram[j * d + i] = gram[i * d + j]!;
  return gram;
}

/** Conjugate gradient on A w = b for each row w of `side`, A and b made of the fixed side. */
export function improveRows(side: Side, fixed: Float32Array, weights: Weights): void {
  const { dimensions: d, alpha, lambda, nu } = weights;
  const { matrix, factors } = side;
  const gram = gramOf(fixed, weights);
  const residual = new Float64Array(d);
  const direction = new Float64Array(d);
  const image = new Float64Array(d);
  for (let row = 0; row < matrix.rows; row++) {
    const w = factors.subarray(row * d, (row + 1) * d);
    const count = matrix.offsets[row + 1]! - matrix.offsets[row]!;
    if (count === 0) {
      w.fill(0);
      continue;
    }
    const ridge = lambda * (count + alpha * matrix.cols) ** nu;
    startResidual(matrix, row, fixed, w, gram, ridge, residual);
    direction.set(residual);
    let size = dot(residual, residual);
    for (let step = 0; step < GRADIENT_STEPS && size > 1e-12; step++) {
      apply(matrix, row, fixed, direction, gram, ridge, image);
      const length = size / dot(direction, image);
      for (let k = 0; k < d; k++) {
        w[k]! += length * direction[k]!;
        residual[k]! -= length * image[k]!;
      }
      const next = dot(residual, residual);
      for (let k = 0; k < d; k++) direction[k] = residual[k]! + (next / size) * direction[k]!;
      size = next;
    }
  }
}

/** b - A w with b = sum of c f over the row. */
function startResidual(
  matrix: Csr,
  row: number,
  fixed: Float32Array,
  w: Float32Array,
  gram: Float64Array,
  ridge: number,
  out: Float64Array,
): void {
  apply(matrix, row, fixed, w, gram, ridge, out);
  const d = w.length;
  for (let k = 0; k < d; k++) out[k] = -out[k]!;
  for (let at = matrix.offsets[row]!; at < matrix.offsets[row + 1]!; at++) {
    const base = matrix.indices[at]! * d;
    const weight = matrix.values[at]!;
    for (let k = 0; k < d; k++) out[k]! += weight * fixed[base + k]!;
  }
}

/** A v = (alpha F^T F + ridge I) v + sum over the row of c f (f . v). */
function apply(
  matrix: Csr,
  row: number,
  fixed: Float32Array,
  v: ArrayLike<number>,
  gram: Float64Array,
  ridge: number,
  out: Float64Array,
): void {
  const d = v.length;
  for (let i = 0; i < d; i++) {
    let sum = ridge * v[i]!;
    for (let j = 0; j < d; j++) sum += gram[i * d + j]! * v[j]!;
    out[i] = sum;
  }
  for (let at = matrix.offsets[row]!; at < matrix.offsets[row + 1]!; at++) {
    const base = matrix.indices[at]! * d;
    let along = 0;
    for (let k = 0; k < d; k++) along += fixed[base + k]! * v[k]!;
    along *= matrix.values[at]!;
    for (let k = 0; k < d; k++) out[k]! += along * fixed[base + k]!;
  }
}

/** The objective without its regularisation, per interaction. */
export function lossOf(users: Side, items: Float32Array, weights: Weights): number {
  const { dimensions: d, alpha } = weights;
  const { matrix, factors } = users;
  let loss = dot(gramOf(factors, weights), gramOf(items, weights)) / alpha;
  for (let user = 0; user < matrix.rows; user++) {
    for (let at = matrix.offsets[user]!; at < matrix.offsets[user + 1]!; at++) {
      let score = 0;
      for (let k = 0; k < d; k++)
        score += factors[user * d + k]! * items[matrix.indices[at]! * d + k]!;
      loss += matrix.values[at]! * (score - 1) ** 2;
    }
  }
  return loss / Math.max(1, matrix.indices.length);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}
