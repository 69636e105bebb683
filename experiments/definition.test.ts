import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { experimentSchema } from "./definition.ts";

const HALVES = {
  id: "ranking-2",
  name: "The new ranking",
  arms: [
    { name: "control", share: 0.5 },
    { name: "new", share: 0.5, release: "20261120-a" },
  ],
};

describe("an experiment is defined", () => {
  test("with what was left out filled in", () => {
    expect(v.parse(experimentSchema, HALVES)).toEqual({
      ...HALVES,
      layer: "default",
      mode: "split",
      arms: [
        { name: "control", share: 0.5, release: null, parameters: {} },
        { name: "new", share: 0.5, release: "20261120-a", parameters: {} },
      ],
      salt: "ranking-2",
      primary: "clicks",
      guardrails: [],
      minimumEffect: 0.05,
      alpha: 0.05,
      power: 0.8,
    });
  });

  test("with shares whose sum misses 1 only by how numbers are kept", () => {
    const arms = [0.1, 0.2, 0.7].map((share, at) => ({ name: `arm-${at}`, share }));
    expect(v.safeParse(experimentSchema, { ...HALVES, arms }).success).toBe(true);
  });
});

test.each([
  ["no slug as its id", { id: "Ranking 2" }, "the id takes 1 to 40 of a-z, 0-9 and -"],
  ["one arm", { arms: HALVES.arms.slice(1) }, "an experiment has at least 2 arms"],
  [
    "two arms of one name",
    { arms: [HALVES.arms[0], HALVES.arms[0]] },
    "arms: two arms have one name",
  ],
  [
    "more than all users",
    { arms: HALVES.arms.map((arm) => ({ ...arm, share: 0.6 })) },
    "arms: their shares come to more than all users",
  ],
  [
    "three arms interleaved",
    {
      mode: "interleaving",
      arms: ["a", "b", "c"].map((name) => ({ name, share: 0.2 })),
    },
    "arms: interleaving compares exactly 2",
  ],
  [
    "a metric that nobody measures",
    { primary: "joy" },
    "it takes one of clicks, plays, ratings, liked, active, minutes",
  ],
  ["an effect of nothing", { minimumEffect: 0 }, "it takes a number above 0 and below 10"],
])("an experiment with %s is refused", (_, change, reason) => {
  const parsed = v.safeParse(experimentSchema, { ...HALVES, ...change });
  expect(parsed.issues?.[0].message).toBe(reason);
});
