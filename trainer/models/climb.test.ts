import fc from "fast-check";
import { expect, test } from "vitest";
import { climb } from "./climb.ts";

test("finds the best rung of any ladder with one peak, trying none twice", async () => {
  const sizeAndPeak = fc
    .integer({ min: 1, max: 12 })
    .chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1)));
  await fc.assert(
    fc.asyncProperty(sizeAndPeak, async ([size, peak]) => {
      const seen: number[] = [];
      const ladder = Array.from({ length: size }, (_, rung) => rung);
      const { rung, tried } = await climb(ladder, (value) => {
        seen.push(value);
        return -Math.abs(value - peak);
      });
      expect(rung).toBe(peak);
      expect(new Set(seen).size).toBe(seen.length);
      expect(tried).toBe(seen.length);
    }),
  );
});

test("a step that gains less than the margin is not taken", async () => {
  const figures = [0, 0, 1, 1.004, 1.2];
  expect(await climb([0, 1, 2, 3, 4], (rung) => figures[rung]!, 0.005)).toMatchObject({ rung: 2 });
  expect(await climb([0, 1, 2, 3, 4], (rung) => figures[rung]!)).toMatchObject({ rung: 4 });
});

test("a figure that is not a number never wins", async () => {
  const figures = [Number.NaN, 0.3, Number.NaN];
  expect(await climb([0, 1, 2], (rung) => figures[rung]!)).toMatchObject({ rung: 1, figure: 0.3 });
});
