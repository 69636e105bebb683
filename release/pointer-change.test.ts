import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { armOf, type Pointer } from "./pointer.ts";
import { rolledBack, withShare } from "./pointer-change.ts";

const NOW = new Date("2026-02-03T04:05:06.789Z");
const salt = () => "fresh";

function pointerOf(weights: Record<string, number>, previous: string | null = null): Pointer {
  const arms = Object.entries(weights).map(([release, weight]) => ({ release, weight }));
  return { arms, salt: "kept", previous, generation: 4, changedAt: "2026-01-01T00:00:00.000Z" };
}

function sharesOf({ arms }: Pointer): Record<string, number> {
  const total = arms.reduce((sum, arm) => sum + arm.weight, 0);
  return Object.fromEntries(arms.map((arm) => [arm.release, arm.weight / total]));
}

describe("an activation", () => {
  test("of the first release makes the first pointer", () => {
    expect(withShare(null, "a", 1, NOW, salt)).toEqual({
      arms: [{ release: "a", weight: 1 }],
      salt: "fresh",
      previous: null,
      generation: 1,
      changedAt: NOW.toISOString(),
    });
  });

  test("ends what served, remembers it, and keeps the salt", () => {
    const pointer = withShare(pointerOf({ a: 1, b: 3 }, "z"), "c", 1, NOW, salt);
    expect(pointer).toMatchObject({ previous: "b", salt: "kept", generation: 5 });
    expect(pointer.arms).toEqual([{ release: "c", weight: 1 }]);
  });

  test("of what serves everybody already changes nothing", () => {
    const current = pointerOf({ a: 1 }, "z");
    expect(withShare(current, "a", 1, NOW, salt)).toBe(current);
  });

  test("of a winning arm ends the experiment, with the other arm to go back to", () => {
    const pointer = withShare(pointerOf({ new: 0.2, old: 0.8 }, "old"), "new", 1, NOW, salt);
    expect(pointer).toMatchObject({ arms: [{ release: "new" }], previous: "old" });
  });

  test("of a share gives exactly that share, and the rest keep their proportions", () => {
    const weights = fc.dictionary(
      fc.constantFrom("a", "b", "c"),
      fc.double({ min: 0.01, max: 9, noNaN: true }),
      {
        minKeys: 1,
      },
    );
    const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(weights, share, (before, share) => {
        const current = pointerOf(before);
        const after = sharesOf(withShare(current, "new", share, NOW, salt));
        expect(after["new"]).toBeCloseTo(share, 6);
        for (const [release, was] of Object.entries(sharesOf(current))) {
          expect(after[release]).toBeCloseTo(was * (1 - share), 6);
        }
      }),
    );
  });

  test("that widens an arm moves no user out of it", () => {
    const tenth = withShare(pointerOf({ old: 1 }), "new", 0.1, NOW, salt);
    const half = withShare(tenth, "new", 0.5, NOW, salt);
    expect(half).toMatchObject({ previous: "old", generation: tenth.generation + 1 });
    for (let user = 0; user < 2000; user++) {
      if (armOf(tenth, `u${user}`) === "new") expect(armOf(half, `u${user}`)).toBe("new");
    }
  });

  test("of a share that it has already changes nothing", () => {
    const current = withShare(pointerOf({ old: 1 }), "new", 0.3, NOW, salt);
    expect(withShare(current, "new", 0.3, new Date(0), salt)).toBe(current);
  });

  test.each([null, pointerOf({ a: 1 })])(
    "of a share with nobody for the rest is refused",
    (current) => {
      expect(() => withShare(current, "a", 0.5, NOW, salt)).toThrow(
        expect.objectContaining({ code: "NO_OTHER_ARM" }),
      );
    },
  );
});

describe("a rollback", () => {
  test("returns to the release before, and can be taken back", () => {
    const back = rolledBack(pointerOf({ b: 1 }, "a"), NOW);
    expect(back).toMatchObject({
      arms: [{ release: "a", weight: 1 }],
      previous: "b",
      generation: 5,
    });
    expect(rolledBack(back, NOW).arms).toEqual([{ release: "b", weight: 1 }]);
  });

  test("ends an experiment in favour of what served before it", () => {
    const experiment = withShare(pointerOf({ old: 1 }, "older"), "new", 0.5, NOW, salt);
    expect(rolledBack(experiment, NOW)).toMatchObject({
      arms: [{ release: "old" }],
      previous: "new",
    });
  });

  test("that is final does not offer the way back", () => {
    expect(rolledBack(pointerOf({ b: 1 }, "a"), NOW, { final: true }).previous).toBeNull();
  });

  test("without anything before it is refused with what to do", () => {
    expect(() => rolledBack(pointerOf({ a: 1 }), NOW)).toThrow(
      /Nothing served before a.*usher releases/,
    );
  });
});
