import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { openBackend } from "./backend.ts";
import { leadingEigen, symmetricEigen } from "./eigen.ts";
import { seededRandom } from "./random.ts";

beforeAll(() => openBackend());

/** A symmetric positive semi-definite n x n matrix of the given rank. */
function gram(n: number, rank: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  const half = Float64Array.from({ length: rank * n }, () => random() - 0.5);
  return Float64Array.from({ length: n * n }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < rank; k++) {
      sum += half[k * n + Math.floor(at / n)]! * half[k * n + (at % n)]!;
    }
    return sum;
  });
}

function times(matrix: Float64Array, n: number, basis: ArrayLike<number>, width: number) {
  const out = new Float32Array(n * width);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < width; k++) {
        out[i * width + k]! += matrix[i * n + j]! * basis[j * width + k]!;
      }
    }
  }
  return out;
}

test("the pairs give the matrix back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer(), (n, seed) => {
      const matrix = gram(n, n, seed);
      const { values, vectors } = symmetricEigen(matrix, n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let k = 0; k < n; k++) sum += vectors[i * n + k]! * values[k]! * vectors[j * n + k]!;
          expect(sum).toBeCloseTo(matrix[i * n + j]!, 8);
        }
      }
      expect(Array.from(values)).toEqual(Array.from(values).sort((a, b) => b - a));
    }),
    { numRuns: 30 },
  );
});

test("the leading pairs are those of the whole matrix", () => {
  const n = 60;
  const matrix = gram(n, 40, 3);
  const all = symmetricEigen(matrix, n);
  const { values, vectors } = leadingEigen({
    size: n,
    count: 5,
    random: seededRandom(1),
    iterations: 8,
    multiply: (basis, width) => times(matrix, n, basis, width),
  });
  const image = times(matrix, n, vectors, 5);
  for (let k = 0; k < 5; k++) {
    expect(values[k]).toBeCloseTo(all.values[k]!, 2);
    for (let i = 0; i < n; i++) {
      expect(image[i * 5 + k]).toBeCloseTo(values[k]! * vectors[i * 5 + k]!, 1);
    }
  }
});

test("beyond the rank of the matrix values are zero and nothing is NaN", () => {
  const n = 30;
  const matrix = gram(n, 2, 5);
  const { values, vectors } = leadingEigen({
    size: n,
    count: 6,
    random: seededRandom(1),
    iterations: 8,
    multiply: (basis, width) => times(matrix, n, basis, width),
  });
  expect(values[1]).toBeGreaterThan(0.1);
  for (const value of values.slice(2)) expect(value).toBeCloseTo(0, 4);
  expect(vectors.every(Number.isFinite)).toBe(true);
});
