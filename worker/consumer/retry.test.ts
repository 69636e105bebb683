import { expect, test } from "vitest";
import { retryDelaySeconds } from "./retry.ts";

test("waits double, and ten of them bridge more than an hour", () => {
  const waits = Array.from({ length: 10 }, (_, i) => retryDelaySeconds(i + 1, 5, 0));
  expect(waits.slice(0, 4)).toEqual([5, 10, 20, 40]);
  expect(waits.reduce((sum, wait) => sum + wait)).toBeGreaterThan(3600);
});

test("chance spreads a wait by a quarter, and the platform's 12 hours bound it", () => {
  expect(retryDelaySeconds(3, 10, 1)).toBe(50);
  expect(retryDelaySeconds(90, 5, 0.5)).toBe(43_200);
});
