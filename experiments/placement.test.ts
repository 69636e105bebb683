import fc from "fast-check";
import * as v from "valibot";
import { expect, test } from "vitest";
import { type RunningExperiment, shareOf } from "../release/running-experiment.ts";
import { type Experiment, type ExperimentInput, experimentSchema } from "./definition.ts";
import { placed } from "./placement.ts";

function define(id: string, share: number, changes: Partial<ExperimentInput> = {}): Experiment {
  const arms = ["control", "new"].map((name) => ({ name, share: share / 2, release: `r-${name}` }));
  return v.parse(experimentSchema, { id, name: id, arms, ...changes });
}

test("experiments that come and go never overlap, and start wherever there is room", () => {
  const step = fc.record({
    id: fc.constantFrom(..."abcdef"),
    share: fc.constantFrom(0.1, 0.2, 0.3, 0.5, 0.7),
    stops: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let running: RunningExperiment[] = [];
      for (const { id, share, stops } of steps) {
        running = running.filter((one) => one.id !== id);
        if (stops) continue;
        try {
          running = [...running, placed(define(id, share), running)];
        } catch (error) {
          expect(error).toMatchObject({ code: "LAYER_FULL" });
          expect(running).not.toEqual([]);
        }
        const ranges = running.toSorted((x, y) => x.from - y.from);
        ranges.forEach((range, at) => {
          const end = range.from + shareOf(range);
          expect(end).toBeLessThanOrEqual((ranges[at + 1]?.from ?? 1) + 1e-6);
        });
      }
    }),
  );
});

test("a layer without room says who has it", () => {
  const running = [placed(define("one", 0.9), [])];
  expect(() => placed(define("two", 0.2), running)).toThrow(
    'two takes 20 % of the users in one piece, and the layer "default" has no such piece left beside one (90 %). Stop one of them, take smaller shares, or another layer.',
  );
});

test("layers share users as long as they set different things", () => {
  const ranking = placed(define("ranking", 1), []);
  const arms = [
    { name: "control", share: 0.5 },
    { name: "mixed", share: 0.5, parameters: { diversity: 0.3 } },
  ];
  const mixing = define("mixing", 1, { layer: "shelf", arms });
  expect(placed(mixing, [ranking])).toMatchObject({ layer: "shelf", from: 0 });
  expect(() => placed(define("other", 0.5, { layer: "shelf" }), [ranking])).toThrow(
    "other and ranking, which runs, both set the release of users whom they share",
  );
  const interleaved = define("pair", 0.5, { layer: "shelf", mode: "interleaving" });
  expect(placed(interleaved, [placed(define("half", 0.5, { layer: "shelf" }), [])]).from).toBe(0.5);
  expect(() => placed({ ...interleaved, layer: "third" }, [placed(mixing, [])])).toThrow(
    "both set the diversity",
  );
});
