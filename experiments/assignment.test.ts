import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { armOf, type Pointer } from "../release/pointer.ts";
import type { RunningExperiment } from "../release/running-experiment.ts";
import { armName, assignmentOf, exposuresOf } from "./assignment.ts";

const POINTER: Pointer = {
  arms: [
    { release: "r2", weight: 0.1 },
    { release: "r1", weight: 0.9 },
  ],
  salt: "pointer-salt",
  previous: null,
  generation: 4,
  changedAt: "2026-11-20T10:00:00Z",
};
const USERS = Array.from({ length: 20_000 }, (_, n) => `user-${n}`);
/** Five standard errors of a share: a correct assignment misses once in two million. */
const within = (share: number, among: number) => 5 * Math.sqrt((share * (1 - share)) / among);

function experiment(changes: Partial<RunningExperiment> = {}): RunningExperiment {
  return {
    id: "one",
    layer: "default",
    mode: "split",
    salt: "one",
    from: 0,
    arms: [
      { name: "control", share: 0.5, release: null, parameters: {} },
      { name: "new", share: 0.5, release: "r9", parameters: {} },
    ],
    ...changes,
  };
}
const running = (...experiments: RunningExperiment[]): Pointer => ({ ...POINTER, experiments });
const armsOf = (pointer: Pointer) => (user: string) =>
  exposuresOf(pointer, user).map((one) => `${one.experiment.id}/${armName(one)}`);

describe("without an experiment", () => {
  test("everybody is served by the pointer's arms", () => {
    for (const user of USERS.slice(0, 500)) {
      expect(assignmentOf(POINTER, user)).toEqual({
        release: armOf(POINTER, user),
        diversity: 0,
        rival: null,
        exposures: [],
      });
    }
  });

  test("the pointer's parameters serve everybody", () => {
    expect(assignmentOf({ ...POINTER, parameters: { diversity: 0.3 } }, "ada").diversity).toBe(0.3);
  });
});

describe("an experiment", () => {
  test("has each arm's share of all users, whatever the shares", () => {
    const shares = fc.array(fc.double({ min: 0.05, max: 0.3, noNaN: true }), {
      minLength: 2,
      maxLength: 3,
    });
    fc.assert(
      fc.property(shares, fc.string(), (given, salt) => {
        const arms = given.map((share, at) => ({
          name: `arm-${at}`,
          share,
          release: null,
          parameters: {},
        }));
        const armsAre = armsOf(running(experiment({ salt, arms })));
        const seen = USERS.flatMap(armsAre);
        for (const { name, share } of arms) {
          const got = seen.filter((one) => one === `one/${name}`).length / USERS.length;
          expect(Math.abs(got - share)).toBeLessThan(within(share, USERS.length));
        }
      }),
      { numRuns: 15 },
    );
  });

  test("keeps a user in their arm whatever else starts, and whatever becomes of the pointer", () => {
    const arms = experiment().arms.map((arm) => ({ ...arm, share: 0.2 }));
    const alone = armsOf(running(experiment({ arms })));
    const beside = armsOf({
      ...running(experiment({ id: "two", salt: "two", from: 0.5, arms }), experiment({ arms })),
      arms: [{ release: "r3", weight: 1 }],
      salt: "another",
    });
    for (const user of USERS.slice(0, 5_000)) {
      expect(beside(user).filter((one) => one.startsWith("one/"))).toEqual(alone(user));
    }
  });

  test("sends an arm without a release where the pointer sends the user", () => {
    const pointer = running(experiment());
    for (const user of USERS.slice(0, 500)) {
      const { release, exposures } = assignmentOf(pointer, user);
      expect(release).toBe(armName(exposures[0]!) === "new" ? "r9" : armOf(pointer, user));
    }
  });

  test("is nothing that nobody in particular is in", () => {
    expect(assignmentOf(running(experiment()), "").exposures).toEqual([]);
  });

  test("that interleaves serves both arms to everybody in it", () => {
    const pointer = running(experiment({ mode: "interleaving" }));
    const { release, rival, exposures } = assignmentOf(pointer, "ada");
    expect(release).toBe(armOf(pointer, "ada"));
    expect(rival).toEqual({ release: "r9", diversity: 0 });
    expect(exposures.map(armName)).toEqual(["interleaved"]);
  });
});

test("experiments of one layer share no user", () => {
  const fifths = experiment().arms.map((arm) => ({ ...arm, share: 0.2 }));
  const armsAre = armsOf(
    running(
      experiment({ arms: fifths }),
      experiment({ id: "two", salt: "two", from: 0.4, arms: fifths }),
    ),
  );
  const counts = [0, 0, 0];
  for (const user of USERS) counts[armsAre(user).length]!++;
  expect(counts[2]).toBe(0);
  expect(Math.abs(counts[1]! / USERS.length - 0.8)).toBeLessThan(within(0.8, USERS.length));
});

test("two salts know nothing of each other", () => {
  const one = armsOf(running(experiment()));
  const two = armsOf(running(experiment({ id: "two", salt: "two" })));
  const inNew = USERS.filter((user) => one(user)[0] === "one/new");
  const both = inNew.filter((user) => two(user)[0] === "two/new").length / inNew.length;
  expect(Math.abs(both - 0.5)).toBeLessThan(within(0.5, inNew.length));
});

test("two layers know nothing of each other", () => {
  const quarters = experiment().arms.map((arm) => ({ ...arm, share: 0.25 }));
  const one = armsOf(running(experiment({ arms: quarters })));
  const two = armsOf(running(experiment({ layer: "other", arms: quarters })));
  const inOne = USERS.filter((user) => one(user).length === 1);
  const both = inOne.filter((user) => two(user).length === 1).length / inOne.length;
  expect(Math.abs(both - 0.5)).toBeLessThan(within(0.5, inOne.length));
});

test("who is in a layer says nothing of their arm", () => {
  const narrow = experiment({
    arms: experiment().arms.map((arm) => ({ ...arm, share: 0.1 })),
  });
  const seen = USERS.flatMap(armsOf(running(narrow)));
  const inNew = seen.filter((arm) => arm === "one/new").length / seen.length;
  expect(Math.abs(inNew - 0.5)).toBeLessThan(within(0.5, seen.length));
});
