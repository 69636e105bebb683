import fc from "fast-check";
import { expect, test } from "vitest";
import { choleskyInPlace, choleskySolve } from "./cholesky.ts";
import { seededRandom } from "./random.ts";

test("the solution of a system solves it", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 15 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer(),
      (n, width, seed) => {
        const random = seededRandom(seed);
        const half = Float64Array.from({ length: n * n }, () => random() - 0.5);
        const matrix = Float64Array.from({ length: n * n }, (_, at) => {
          const [i, j] = [Math.floor(at / n), at % n];
          let sum = i === j ? 0.1 : 0;
          for (let k = 0; k < n; k++) sum += half[i * n + k]! * half[j * n + k]!;
          return sum;
        });
        const right = Float64Array.from({ length: n * width }, () => random());
        const factor = matrix.slice();
        choleskyInPlace(factor, n);
        const solution = right.slice();
        choleskySolve(factor, n, solution, width);
        for (let i = 0; i < n; i++) {
          for (let c = 0; c < width; c++) {
            let sum = 0;
            for (let k = 0; k < n; k++) sum += matrix[i * n + k]! * solution[k * width + c]!;
            expect(sum).toBeCloseTo(right[i * width + c]!, 6);
          }
        }
      },
    ),
  );
});

test("a matrix that is only just not positive definite gives numbers all the same, and says so", () => {
  const factor = Float64Array.of(1, 1, 1, 1);
  expect(choleskyInPlace(factor, 2)).toBe(1);
  const solution = Float64Array.of(1, 1);
  choleskySolve(factor, 2, solution, 1);
  expect(solution.every(Number.isFinite)).toBe(true);
});
