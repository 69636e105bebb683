/** A short form of `npm run bench -- experiments`: seeded, so that it says the same every time. */
import { expect, test } from "vitest";
import { ALPHA, type BehaviourName, judgeMany } from "./judging.ts";

const RUNS = 150;

test.each<BehaviourName>(["steady", "crowd"])(
  "of %s A/A experiments looked at daily, alpha or fewer find an effect; a test for one look finds many",
  (name) => {
    const { found, foundNaively } = judgeMany(name, RUNS, 0, 21);
    expect(found.at(-1)).toBeLessThanOrEqual(ALPHA);
    expect(foundNaively.at(-1)).toBeGreaterThan(3 * ALPHA);
  },
);

test("an effect of the planned size is found as often as planned, and the intervals hold it", () => {
  const { found, coveredAlways } = judgeMany("known", RUNS, 0.2, null);
  // Four fifths, give or take three standard errors of so few runs.
  expect(found.at(-1)).toBeGreaterThan(0.7);
  expect(found.at(-1)).toBeLessThan(0.9);
  expect(coveredAlways).toBeGreaterThanOrEqual(1 - ALPHA);
});
