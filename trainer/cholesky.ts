/**
 * Cholesky factor of a small symmetric positive definite matrix, in float64: for systems too badly
 * conditioned for the float32 of the tfjs backend, up to some thousand rows.
 */

/** Of its diagonal element: below it lies nothing but rounding. */
const LEAST_PIVOT = 1e-12;

/**
 * Replaces the lower triangle of `matrix` (n x n, row-major) by L with L L^T = matrix; the upper one
 * is not read. A pivot lost in rounding is held at a trifle of the diagonal.
 *
 * @returns how many pivots were lost: with any, solutions may be of any size
 */
export function choleskyInPlace(matrix: Float64Array, n: number): number {
  let lost = 0;
  for (let i = 0; i < n; i++) {
    const row = matrix.subarray(i * n, i * n + n);
    const before = row[i]!;
    for (let j = 0; j <= i; j++) {
      const other = matrix.subarray(j * n, j * n + j);
      let sum = row[j]!;
      for (let k = 0; k < j; k++) sum -= row[k]! * other[k]!;
      if (j < i) row[j] = sum / matrix[j * n + j]!;
      else {
        const least = Math.max(LEAST_PIVOT * before, Number.MIN_VALUE);
        if (sum < least) lost++;
        row[i] = Math.sqrt(Math.max(sum, least));
      }
    }
  }
  return lost;
}

/** Solves L L^T Y = B in place: `values` (n x width, row-major) holds B and then Y. */
export function choleskySolve(
  factor: Float64Array,
  n: number,
  values: Float64Array,
  width: number,
): void {
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) subtract(values, i, k, factor[i * n + k]!, width);
    divide(values, i, factor[i * n + i]!, width);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) subtract(values, i, k, factor[k * n + i]!, width);
    divide(values, i, factor[i * n + i]!, width);
  }
}

/** Row i minus `factor` times row k. */
function subtract(values: Float64Array, i: number, k: number, factor: number, width: number): void {
  const from = k * width;
  const to = i * width;
  for (let c = 0; c < width; c++) values[to + c]! -= factor * values[from + c]!;
}

function divide(values: Float64Array, row: number, by: number, width: number): void {
  for (let c = row * width; c < (row + 1) * width; c++) values[c]! /= by;
}
