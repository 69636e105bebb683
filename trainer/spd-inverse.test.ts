import { expect, test } from "vitest";
import { seededRandom } from "./random.ts";
import { invertInPlace } from "./spd-inverse.ts";

/** X^T X + n I: symmetric positive definite, with a condition number like a regularised Gram's. */
function positiveDefinite(n: number): Float32Array {
  const random = seededRandom(5);
  const x = Float32Array.from({ length: n * n }, () => random() - 0.5);
  const matrix = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = i === j ? n / 10 : 0;
      for (let k = 0; k < n; k++) sum += x[k * n + i]! * x[k * n + j]!;
      matrix[i * n + j] = sum;
    }
  }
  return matrix;
}

test.each([1, 7, 192, 193, 300])(
  "a matrix of %i rows times its inverse is the identity",
  async (n) => {
    const matrix = positiveDefinite(n);
    const inverse = matrix.slice();
    await invertInPlace(inverse, n);
    for (const i of [0, n >> 1, n - 1]) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += matrix[i * n + k]! * inverse[k * n + j]!;
        expect(sum).toBeCloseTo(i === j ? 1 : 0, 3);
      }
    }
  },
);
