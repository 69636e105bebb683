import { expect, test } from "vitest";
import { planActivation } from "./activation.ts";
import type { Pointer } from "./pointer.ts";

const NOW = new Date("2026-01-03T00:00:00.000Z");
const POINTER: Pointer = {
  arms: [{ release: "b", weight: 1 }],
  salt: "s",
  previous: "a",
  generation: 3,
  changedAt: "2026-01-01T00:00:00.000Z",
};

test("a release that was never verified is staged", () => {
  expect(planActivation(null, "a", 1, NOW)).toEqual({ kind: "stage" });
  expect(planActivation(POINTER, "c", 1, NOW)).toEqual({ kind: "stage" });
  expect(planActivation(POINTER, "c", 0.1, NOW)).toEqual({ kind: "stage" });
});

test("the release before serves again by one write", () => {
  expect(planActivation(POINTER, "a", 1, NOW)).toMatchObject({
    kind: "pointer",
    pointer: { arms: [{ release: "a", weight: 1 }], previous: "b", generation: 4, salt: "s" },
  });
});

test("an arm's share changes by one write", () => {
  const experiment = {
    ...POINTER,
    arms: [
      { release: "c", weight: 1 },
      { release: "b", weight: 9 },
    ],
  };
  expect(planActivation(experiment, "c", 0.5, NOW)).toMatchObject({
    kind: "pointer",
    pointer: {
      arms: [
        { release: "c", weight: 0.5 },
        { release: "b", weight: 0.5 },
      ],
    },
  });
});

test("what is so already needs nothing, and a share without others is refused", () => {
  expect(planActivation(POINTER, "b", 1, NOW)).toEqual({ kind: "unchanged" });
  expect(() => planActivation(POINTER, "b", 0.5, NOW)).toThrow(/nothing else serves/);
});
