import fc from "fast-check";
import { expect, test } from "vitest";
import { holm } from "./holm.ts";

const ALPHA = 0.05;

test("the least is held against alpha over all, the next against one less", () => {
  const [a, b, c] = holm([0.02, 0.01, 0.04], ALPHA);
  expect([a!.p, b!.p, c!.p]).toEqual([0.04, 0.03, 0.04]);
  expect([a!.level, b!.level, c!.level]).toEqual([ALPHA / 2, ALPHA / 3, ALPHA]);
});

test("from the first that stays open on, the level stays", () => {
  const [a, b] = holm([0.03, 0.04], ALPHA);
  expect([a!.p, b!.p]).toEqual([0.06, 0.06]);
  expect([a!.level, b!.level]).toEqual([ALPHA / 2, ALPHA / 2]);
});

test("a value is below its own level exactly when it is significant after correction", () => {
  const values = fc.array(fc.double({ min: 0, max: 0.2, noNaN: true }), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(values, (values) => {
      holm(values, ALPHA).forEach(({ p, level }, at) => {
        fc.pre(Math.abs(p - ALPHA) > 1e-9);
        expect(values[at]! <= level).toBe(p <= ALPHA);
      });
    }),
  );
});
