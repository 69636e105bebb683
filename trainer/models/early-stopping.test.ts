import { expect, test } from "vitest";
import { EarlyStopping } from "./early-stopping.ts";

test("training stops after the epochs of patience and remembers the best", () => {
  const stopping = new EarlyStopping(2);
  const verdicts = [0.1, 0.3, 0.2, 0.25].map((figure, at) => stopping.note(at + 1, figure));
  expect(verdicts.map((verdict) => verdict.improved)).toEqual([true, true, false, false]);
  expect(verdicts.map((verdict) => verdict.stop)).toEqual([false, false, false, true]);
  expect(stopping.bestEpoch).toBe(2);
});

test("an equal figure is no gain", () => {
  const stopping = new EarlyStopping(1);
  stopping.note(1, 0.5);
  expect(stopping.note(2, 0.5)).toEqual({ improved: false, stop: true });
});
