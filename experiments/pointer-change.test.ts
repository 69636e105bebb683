import { describe, expect, test } from "vitest";
import { type Pointer, parsePointer } from "../release/pointer.ts";
import { rolledBack, withShare } from "../release/pointer-change.ts";
import type { RunningExperiment } from "../release/running-experiment.ts";
import { releasesTried, withArm, withExperiments } from "./pointer-change.ts";

const NOW = new Date("2026-11-21T00:00:00Z");
const POINTER: Pointer = {
  arms: [{ release: "r2", weight: 1 }],
  salt: "salt",
  previous: "r1",
  generation: 7,
  changedAt: "2026-11-20T10:00:00Z",
};
const RUNNING: RunningExperiment = {
  id: "one",
  layer: "default",
  mode: "split",
  salt: "one",
  from: 0,
  arms: [
    { name: "control", share: 0.5, release: "r2", parameters: {} },
    { name: "new", share: 0.5, release: "r3", parameters: { diversity: 0.2 } },
  ],
};

describe("the pointer", () => {
  test("carries what runs, and is none the younger for it", () => {
    const started = withExperiments(POINTER, [RUNNING]);
    expect(started).toEqual({ ...POINTER, experiments: [RUNNING], generation: 8 });
    expect(parsePointer(JSON.stringify(started))).toEqual(started);
    expect(withExperiments(started, [])).toEqual({ ...POINTER, generation: 9 });
  });

  test("keeps experiments and parameters through activation, shares and rollback", () => {
    const started = { ...withExperiments(POINTER, [RUNNING]), parameters: { diversity: 0.1 } };
    const kept = { experiments: [RUNNING], parameters: { diversity: 0.1 } };
    expect(withShare(started, "r9", 1, NOW, () => "")).toMatchObject({ ...kept, previous: "r2" });
    expect(withShare(started, "r9", 0.2, NOW, () => "")).toMatchObject(kept);
    expect(rolledBack(started, NOW)).toMatchObject(kept);
  });

  test("serves everybody by the arm that is shipped", () => {
    expect(withArm(POINTER, RUNNING.arms[1]!, NOW)).toEqual({
      arms: [{ release: "r3", weight: 1 }],
      salt: "salt",
      previous: "r2",
      parameters: { diversity: 0.2 },
      generation: 8,
      changedAt: NOW.toISOString(),
    });
  });

  test("gives up the parameters of before with an arm that sets none", () => {
    const before = { ...POINTER, parameters: { diversity: 0.2 } };
    const control = { name: "control", share: 0.5, release: null, parameters: {} };
    expect(withArm(before, control, NOW)).toEqual({ ...POINTER, generation: 8 });
  });

  test("names the releases that its experiments need", () => {
    expect(releasesTried(POINTER)).toEqual([]);
    expect(releasesTried(withExperiments(POINTER, [RUNNING]))).toEqual(["r2", "r3"]);
  });
});
