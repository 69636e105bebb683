import { expect, test } from "vitest";
import { SAMPLE_RATIO_ALPHA, sampleRatioP } from "./sample-ratio.ts";

test("users as intended are no evidence, whatever the shares", () => {
  expect(sampleRatioP([5_000, 5_000], [0.5, 0.5])).toBe(1);
  expect(sampleRatioP([9_000, 500, 500], [0.09, 0.005, 0.005])).toBe(1);
  expect(sampleRatioP([0, 0], [0.5, 0.5])).toBe(1);
});

test("it is the Bayes factor of the Dirichlet-multinomial, checked by its product over users", () => {
  // One user after the other: the prior's share of the arm so far against the intended one.
  let evidence = 1;
  const seen = [0, 0];
  for (let user = 0; user < 60; user++) {
    const arm = user % 6 === 0 ? 1 : 0;
    evidence *= (10_000 * 0.5 + seen[arm]!) / (10_000 + user) / 0.5;
    seen[arm]!++;
  }
  expect(sampleRatioP(seen, [1, 1])).toBeCloseTo(1 / evidence, 9);
});

test("two per cent less in one of two halves is found with enough users, not with few", () => {
  const less = (half: number) => sampleRatioP([half, half * 0.98], [0.5, 0.5]);
  expect(less(5_000)).toBeGreaterThan(SAMPLE_RATIO_ALPHA);
  expect(less(150_000)).toBeLessThan(SAMPLE_RATIO_ALPHA);
});
