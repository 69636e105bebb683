import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "../random.ts";
import { addOuter, solveInPlace } from "./ridge.ts";

test("the solution satisfies the system it was made for", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(), (d, seed) => {
      const random = seededRandom(seed);
      const matrix = new Float64Array(d * d);
      for (let n = 0; n < d + 2; n++) {
        const x = Float64Array.from({ length: d }, () => random() - 0.5);
        addOuter(matrix, x, 1 + random());
      }
      for (let i = 0; i < d; i++) matrix[i * d + i]! += 0.1;
      const b = Float64Array.from({ length: d }, () => random());
      const solution = b.slice();
      solveInPlace(matrix.slice(), solution);
      for (let i = 0; i < d; i++) {
        let sum = 0;
        for (let j = 0; j < d; j++)
          sum += matrix[Math.max(i, j) * d + Math.min(i, j)]! * solution[j]!;
        expect(sum).toBeCloseTo(b[i]!, 8);
      }
    }),
  );
});
