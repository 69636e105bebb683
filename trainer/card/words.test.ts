import { expect, test } from "vitest";
import { signed, withInterval } from "./words.ts";

test("a difference has its sign, and none where it rounds to nothing", () => {
  expect([0.01, -0.01, 0, -0.00001].map((value) => signed(value, 3))).toEqual([
    "+0.010",
    "−0.010",
    "0.000",
    "0.000",
  ]);
});

test("a figure without an interval is told without one", () => {
  expect(withInterval({ mean: 0.2, ci95: [0.1, 0.3] })).toBe("0.2000 ±0.1000");
  expect(withInterval({ mean: 0.2, ci95: [0.2, 0.2] })).toBe("0.2000");
  expect(withInterval(undefined)).toBe("");
});
