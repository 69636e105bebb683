import { expect, test } from "vitest";
import { type BaselineDay, parsePlan, planExperiment, tuningOf } from "./plan.ts";

const ARMS = [
  { name: "a", share: 0.5, release: null, parameters: {} },
  { name: "b", share: 0.5, release: "r", parameters: {} },
];
const EXPERIMENT = {
  mode: "split" as const,
  arms: ARMS,
  primary: "clicks" as const,
  minimumEffect: 0.1,
  alpha: 0.05,
  power: 0.8,
};

/** A thousand users more each day, each with a mean of 2 clicks and a variance of 4. */
function baseline(days: number): BaselineDay[] {
  return Array.from({ length: days }, (_, at) => {
    const users = 1_000 * (at + 1);
    const userDays = (1_000 * (at + 1) * (at + 2)) / 2;
    return {
      users,
      userDays,
      sum: 2 * users,
      squares: 8 * users,
      before: 0,
      beforeSquares: 0,
      products: 0,
    };
  });
}

test("the size is that of the formula, for a test that looks once and for one that looks daily", () => {
  const plan = planExperiment(EXPERIMENT, baseline(28));
  // Relative variance 1, arms of a half: (2 + 1.21 x 2) (1.960 + 0.842)^2 / 0.01, and with 3.035.
  expect(plan.usersLookingOnce).toBeGreaterThan(3_465);
  expect(plan.usersLookingOnce).toBeLessThan(3_475);
  expect(plan.users! / plan.usersLookingOnce!).toBeCloseTo(((3.035 + 0.842) / 2.802) ** 2, 2);
  expect(plan.days).toBe(7);
  expect(plan.usersByArm).toEqual({ a: Math.ceil(plan.users! / 2), b: Math.ceil(plan.users! / 2) });
  expect(plan.sentence).toContain("about 7 days");
});

test("a tenth of the users takes longer than what is known, at the pace of the last week", () => {
  const arms = ARMS.map((arm) => ({ ...arm, share: 0.05 }));
  expect(planExperiment({ ...EXPERIMENT, arms }, baseline(28)).days).toBe(67);
});

test("what the time before explains needs no users", () => {
  const known = baseline(28).map((day) => ({
    ...day,
    before: day.sum,
    beforeSquares: day.squares,
    products: 2 * 2 * day.users + 0.8 * 4 * day.users,
  }));
  const plan = planExperiment(EXPERIMENT, known);
  const plain = planExperiment(EXPERIMENT, baseline(28));
  expect(plan.users! / plain.users!).toBeCloseTo(1 - 0.8 ** 2, 2);
});

test.each([
  ["an empty database", [], "There are no clicks"],
  [
    "users who never click",
    baseline(3).map((day) => ({ ...day, sum: 0, squares: 0 })),
    "There are no clicks",
  ],
  [
    "a metric that everybody has",
    baseline(3).map((day) => ({ ...day, squares: 4 * day.users })),
    "same clicks",
  ],
])("%s gives a sentence rather than a size", (_, days, says) => {
  const plan = planExperiment(EXPERIMENT, days);
  expect(plan.users).toBeNull();
  expect(plan.sentence).toContain(says);
});

test("what no one will live to see is said so, with the size it would take", () => {
  const plan = planExperiment({ ...EXPERIMENT, minimumEffect: 0.001 }, baseline(28));
  expect(plan.days).toBeNull();
  expect(plan.sentence).toContain("within 180 days");
  expect(plan.users).toBeGreaterThan(1e7);
});

test("a plan that was kept is read back; anything else is none", () => {
  const plan = planExperiment(EXPERIMENT, baseline(28));
  expect(parsePlan(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
  expect(parsePlan(null)).toBeNull();
  expect(parsePlan({ users: 5 })).toBeNull();
});

test("a comparison is tuned for its own arms' part of the planned time", () => {
  const arms = [
    ...ARMS.map((arm) => ({ ...arm, share: 0.25 })),
    { ...ARMS[1]!, name: "c", share: 0.5 },
  ];
  const experiment = { ...EXPERIMENT, arms };
  const plan = planExperiment(experiment, baseline(28));
  expect(tuningOf(experiment, plan, "c").time).toBeCloseTo(plan.userDays! * 0.75, 6);
  expect(tuningOf(experiment, plan, "b").time).toBeCloseTo(plan.userDays! * 0.5, 6);
  expect(tuningOf(experiment, plan, "b").alpha).toBe(0.025);
});
