import { expect, test } from "vitest";
import { Adam } from "./adam.ts";

test("the first step is the learning rate against the sign of the slope", () => {
  const parameters = Float32Array.of(1, 1, 1);
  new Adam(3).step(parameters, Float32Array.of(5, -0.01, 0), 0.1);
  expect(parameters[0]).toBeCloseTo(0.9, 5);
  expect(parameters[1]).toBeCloseTo(1.1, 5);
  expect(parameters[2]).toBe(1);
});

test("a parabola is descended to its bottom", () => {
  const parameters = Float32Array.of(4);
  const adam = new Adam(1);
  for (let n = 0; n < 500; n++)
    adam.step(parameters, Float32Array.of(2 * (parameters[0]! - 3)), 0.05);
  expect(parameters[0]).toBeCloseTo(3, 2);
});
