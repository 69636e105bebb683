import fc from "fast-check";
import { expect, test } from "vitest";
import { alwaysValidP, halfWidth, narrowestHalfWidth } from "./confidence-sequence.ts";
import { normalQuantile } from "./distributions.ts";

const PLANNED = { time: 1_000, alpha: 0.05 };

test("at the planned time the interval is at its narrowest, the figure of the paper", () => {
  // -2 log(0.05) = 5.991; x = log(x + 1) + 5.991 has the solution 8.212.
  expect(narrowestHalfWidth(0.05)).toBeCloseTo(Math.sqrt(9.212), 3);
  expect(halfWidth(1_000, 0.05, PLANNED)).toBeCloseTo(narrowestHalfWidth(0.05), 10);
  for (const time of [1, 100, 900, 1_100, 100_000]) {
    expect(halfWidth(time, 0.05, PLANNED)).toBeGreaterThan(halfWidth(1_000, 0.05, PLANNED));
  }
});

test("looking whenever one likes costs something against looking once", () => {
  expect(narrowestHalfWidth(0.05)).toBeGreaterThan(normalQuantile(0.975));
  expect(normalQuantile(0.975)).toBeCloseTo(1.959964, 6);
});

test("the p-value is the level whose interval ends at zero", () => {
  const z = fc.double({ min: 2, max: 8, noNaN: true });
  const time = fc.double({ min: 50, max: 50_000, noNaN: true });
  fc.assert(
    fc.property(z, time, (z, time) => {
      const p = alwaysValidP(z, time, PLANNED);
      if (p < 1) expect(halfWidth(time, p, PLANNED)).toBeCloseTo(z, 6);
      expect(alwaysValidP(-z, time, PLANNED)).toBe(p);
    }),
  );
});

test("no evidence is no evidence", () => {
  expect(alwaysValidP(0, 1_000, PLANNED)).toBe(1);
});
