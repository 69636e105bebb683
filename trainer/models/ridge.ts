/**
 * Ridge regression by Cholesky factorisation, small and dense: one user or item against d factors.
 */

/**
 * Solves A x = b for a symmetric positive definite A (d x d, row-major; the lower triangle is read),
 * in float64. Both are overwritten: A by its factor L with A = L L^T, b by the solution x.
 */
export function solveInPlace(matrix: Float64Array, b: Float64Array): void {
  const d = b.length;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * d + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[i * d + k]! * matrix[j * d + k]!;
      matrix[i * d + j] = i === j ? Math.sqrt(sum) : sum / matrix[j * d + j]!;
    }
  }
  for (let i = 0; i < d; i++) {
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= matrix[i * d + k]! * b[k]!;
    b[i] = sum / matrix[i * d + i]!;
  }
  for (let i = d - 1; i >= 0; i--) {
    let sum = b[i]!;
    for (let k = i + 1; k < d; k++) sum -= matrix[k * d + i]! * b[k]!;
    b[i] = sum / matrix[i * d + i]!;
  }
}

/** Adds weight * x x^T to the lower triangle of `matrix` (d x d). */
export function addOuter(matrix: Float64Array, x: ArrayLike<number>, weight: number): void {
  const d = x.length;
  for (let i = 0; i < d; i++) {
    const left = weight * x[i]!;
    for (let j = 0; j <= i; j++) matrix[i * d + j]! += left * x[j]!;
  }
}
