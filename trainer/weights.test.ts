import fc from "fast-check";
import { expect, test } from "vitest";
import { weightOfRating } from "../release/rating-weight.ts";
import { csrFromRows } from "./csr.ts";
import { interactionWeights } from "./weights.ts";

const DAY = 86_400;
const NOW = 1_700_000_000;

/** One user's ratings, with the days that have passed since each; null where the time is unknown. */
function datasetOf(ratings: readonly { value: number; days: number | null; rated?: 0 | 1 }[]) {
  return {
    matrix: csrFromRows([ratings.map(({ value }, item) => [item, value] as const)], ratings.length),
    rated: Uint8Array.from(ratings, ({ rated }) => rated ?? 1),
    times: Uint32Array.from(ratings, ({ days }) => (days === null ? 0 : NOW - days * DAY)),
  };
}

const weightsOf = (...ratings: Parameters<typeof datasetOf>[0]) =>
  Array.from(interactionWeights(datasetOf(ratings)).values);

test("a liked item counts more than a disliked one, as it does at the edge", () => {
  const days = 0;
  const stars = [1, 2, 3, 4, 5].map((value) => ({ value, days }));
  expect(weightsOf(...stars)).toEqual([0.5, 0.75, 0.875, 0.9375, 1]);
  expect(weightsOf(...stars)).toEqual(stars.map(({ value }) => weightOfRating(value)));
});

test("an implicit interaction counts as 1, though its value is that of one star", () => {
  expect(weightsOf({ value: 1, days: 0, rated: 0 })).toEqual([1]);
});

test("with a half-life, age counts from the user's own newest interaction; without one, not at all", () => {
  const dataset = datasetOf([
    { value: 5, days: 1_010 },
    { value: 5, days: 1_000 },
  ]);
  expect(Array.from(interactionWeights(dataset, { halfLifeDays: 10 }).values)).toEqual([0.5, 1]);
  expect(Array.from(interactionWeights(dataset).values)).toEqual([1, 1]);
});

test("where the time is unknown nothing is old", () => {
  const dataset = datasetOf([
    { value: 5, days: null },
    { value: 5, days: 0 },
  ]);
  expect(Array.from(interactionWeights(dataset, { halfLifeDays: 1 }).values)).toEqual([1, 1]);
});

test("weights are sixteenths from 1/16 to 1, so that a release keeps each as it is", () => {
  const rating = fc.record({ value: fc.integer({ min: 1, max: 10 }), days: fc.nat(10_000) });
  fc.assert(
    fc.property(fc.array(rating, { minLength: 1, maxLength: 20 }), (ratings) => {
      const dataset = datasetOf(ratings.map(({ value, days }) => ({ value: value / 2, days })));
      for (const weight of interactionWeights(dataset, { halfLifeDays: 100 }).values) {
        expect(Number.isInteger(16 * weight)).toBe(true);
        expect(weight).toBeGreaterThan(0);
        expect(weight).toBeLessThanOrEqual(1);
      }
    }),
  );
});
