import fc from "fast-check";
import { expect, test } from "vitest";
import { ENDLESS, LATENCY_BOUNDS_MS, latencyBucket, latencyQuantile } from "./latency.ts";

function counted(times: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const ms of times) counts[latencyBucket(ms)] = (counts[latencyBucket(ms)] ?? 0) + 1;
  return counts;
}

test("a time falls into the bucket whose end it does not pass", () => {
  expect([0, 1, 1.1, 5, 10_000, 10_001].map(latencyBucket)).toEqual([
    ...["1", "1", "2", "5", "10000", ENDLESS],
  ]);
});

test("of nothing there is no percentile, and beyond the last end none is made up", () => {
  expect(latencyQuantile({}, 0.5)).toBeNull();
  expect(latencyQuantile({ [ENDLESS]: 3 }, 0.5)).toBe(10_000);
});

test("within a bucket times are taken as evenly spread", () => {
  expect(latencyQuantile({ "10": 50, "20": 50 }, 0.75)).toBe(15);
  expect(latencyQuantile({ "20": 100 }, 0.99)).toBeCloseTo(19.9);
});

test("a percentile lies in the bucket of the true one, and never falls as the share grows", () => {
  const times = fc.array(fc.integer({ min: 0, max: 9_999 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(times, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (all, share) => {
      const truth = all.toSorted((a, b) => a - b)[Math.ceil(share * all.length) - 1]!;
      const estimate = latencyQuantile(counted(all), share)!;
      const end = Number(latencyBucket(truth));
      const start = LATENCY_BOUNDS_MS.findLast((bound) => bound < end) ?? 0;
      expect(estimate).toBeGreaterThanOrEqual(start);
      expect(estimate).toBeLessThanOrEqual(end);
      expect(latencyQuantile(counted(all), 1)!).toBeGreaterThanOrEqual(estimate);
    }),
  );
});
