import { expect, test } from "vitest";
import type { Measurement } from "./measure.ts";
import { compare, summarise, summariseGroups } from "./summary.ts";

function measurement(
  users: number[],
  values: number[],
  more: Partial<Measurement> = {},
): Measurement {
  const perUser = { "ndcg@100": Float64Array.from(values), "recall@20": Float64Array.from(values) };
  return {
    users: Uint32Array.from(users),
    perUser,
    overall: { "coverage@20": 0.2 },
    profileSizes: Float64Array.from(users, () => 10),
    tiers: [],
    ...more,
  };
}

test("a user held out under two seeds counts once, with the mean of both", () => {
  const { "ndcg@100": ndcg } = summarise(
    [measurement([0, 1], [0, 1]), measurement([1, 2], [0, 1])],
    1,
  );
  expect(ndcg!.mean).toBeCloseTo((0 + 0.5 + 1) / 3, 12);
});

test("a metric of all lists is averaged over the seeds, with their range as interval", () => {
  const metrics = summarise(
    [measurement([0], [1]), measurement([0], [1], { overall: { "coverage@20": 0.4 } })],
    1,
  );
  expect(metrics["coverage@20"]!.mean).toBeCloseTo(0.3, 12);
  expect(metrics["coverage@20"]!.ci95).toEqual([0.2, 0.4]);
});

test("a comparison pairs users whatever the seed they were held out under", () => {
  const chosen = [measurement([3, 1], [0.3, 0.1]), measurement([2], [0.2])];
  const better = [measurement([3, 1], [0.4, 0.2]), measurement([2], [0.3])];
  const { mean, ci95 } = compare(better, chosen, 1)["ndcg@100"]!;
  expect(mean).toBeCloseTo(0.1, 12);
  expect(ci95[0]).toBeCloseTo(0.1, 12);
  expect(ci95[1]).toBeCloseTo(0.1, 12);
});

test("groups of activity hold the figures of their own users", () => {
  const sizes = { profileSizes: Float64Array.of(5, 6, 50, 60, 500, 600) };
  const groups = summariseGroups(
    [measurement([0, 1, 2, 3, 4, 5], [0, 0, 0.5, 0.5, 1, 1], sizes)],
    1,
  );
  expect(
    groups.activity.map(({ activity, from, to, users, metrics }) => [
      activity,
      from,
      to,
      users,
      metrics["ndcg@100"]!.mean,
    ]),
  ).toEqual([
    ["light", 5, 6, 2, 0],
    ["medium", 50, 60, 2, 0.5],
    ["heavy", 500, 600, 2, 1],
  ]);
});
