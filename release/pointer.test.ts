import fc from "fast-check";
import { expect, test } from "vitest";
import {
  armOf,
  type Pointer,
  parsePointer,
  parseRefused,
  parseStaged,
  parseTrending,
} from "./pointer.ts";

function pointerOf(weights: Record<string, number>, salt = "salt"): Pointer {
  const arms = Object.entries(weights).map(([release, weight]) => ({ release, weight }));
  return { arms, salt, previous: null, generation: 1, changedAt: "2026-01-01T00:00:00.000Z" };
}

const USERS = Array.from({ length: 20_000 }, (_, user) => `user-${user}`);

test("a user stays in an arm for as long as weights and salt do", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (user, salt) => {
      const pointer = pointerOf({ a: 1, b: 2, c: 3 }, salt);
      const later: Pointer = { ...pointer, generation: 9, changedAt: "2027", previous: "z" };
      expect(armOf(later, user)).toBe(armOf(pointer, user));
    }),
  );
});

test("arms get users in proportion to their weights, whatever the weights' scale", () => {
  for (const scale of [0.001, 1, 1000]) {
    const pointer = pointerOf({ a: 6 * scale, b: 3 * scale, c: 1 * scale });
    const share = (arm: string) =>
      USERS.filter((user) => armOf(pointer, user) === arm).length / USERS.length;
    // 20,000 draws: five standard deviations are under 0.018.
    expect(Math.abs(share("a") - 0.6)).toBeLessThan(0.018);
    expect(Math.abs(share("b") - 0.3)).toBeLessThan(0.018);
    expect(Math.abs(share("c") - 0.1)).toBeLessThan(0.018);
  }
});

test("growing an arm moves nobody out of it", () => {
  const small = pointerOf({ candidate: 1, current: 9 });
  const large = pointerOf({ candidate: 5, current: 5 });
  const inSmall = USERS.filter((user) => armOf(small, user) === "candidate");
  expect(inSmall.length).toBeGreaterThan(1000);
  for (const user of inSmall) expect(armOf(large, user)).toBe("candidate");
});

test("another salt assigns independently", () => {
  const arms = { a: 1, b: 1 };
  const same = USERS.filter(
    (user) => armOf(pointerOf(arms, "one"), user) === armOf(pointerOf(arms, "two"), user),
  );
  expect(Math.abs(same.length / USERS.length - 0.5)).toBeLessThan(0.018);
});

test("what is not a pointer is refused with the member that is wrong", () => {
  expect(() => parsePointer("{}")).toThrow(/key "pointer" in KV holds something else: arms/);
  expect(() => parsePointer("not JSON")).toThrow(
    expect.objectContaining({ code: "POINTER_INVALID" }),
  );
  const weightless = JSON.stringify(pointerOf({ a: 0 }));
  expect(() => parsePointer(weightless)).toThrow(/arms\.0\.weight/);
  expect(() => parsePointer(JSON.stringify(pointerOf({})))).toThrow(/arms/);
});

test("pointer, staged and trending come back as they were written", () => {
  const pointer = pointerOf({ a: 1, b: 0.5 });
  expect(parsePointer(JSON.stringify(pointer))).toEqual(pointer);
  const staged = { release: "r", stagedAt: "2026-01-01T00:00:00.000Z", verified: 3 };
  expect(parseStaged(JSON.stringify(staged))).toEqual({ ...staged, share: 1 });
  const refused = { release: "r", refusedAt: "2026", reason: "because", keys: ["r/r/l/0"] };
  expect(parseRefused(JSON.stringify(refused))).toEqual(refused);
  const trending = { computedAt: "2026", windowHours: 7, items: [{ itemId: "1", score: 2 }] };
  expect(parseTrending(JSON.stringify(trending))).toEqual(trending);
  expect(() => parseStaged('{"release":"r"}')).toThrow(
    expect.objectContaining({ code: "STAGED_INVALID" }),
  );
  expect(() => parseTrending("[]")).toThrow(expect.objectContaining({ code: "TRENDING_INVALID" }));
});
