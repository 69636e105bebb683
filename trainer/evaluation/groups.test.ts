import fc from "fast-check";
import { expect, test } from "vitest";
import { activityGroups, measureTiers, tiersOf } from "./groups.ts";

test("the head has half of all interactions, the tail the last fifth and the untouched", () => {
  expect([...tiersOf(Uint32Array.of(0, 50, 30, 10, 10))]).toEqual([2, 0, 1, 2, 2]);
});

test("a tier more popular than another holds no less popular item", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100), { minLength: 1, maxLength: 40 }), (values) => {
      const counts = Uint32Array.from(values);
      const tiers = tiersOf(counts);
      counts.forEach((count, item) => {
        counts.forEach((other, second) => {
          if (count > other) expect(tiers[item]).toBeLessThanOrEqual(tiers[second]!);
        });
      });
    }),
  );
});

test("recall of a tier looks at its own targets alone, and users without any do not count", () => {
  const ranked = [Uint32Array.of(0, 1), Uint32Array.of(0, 3)];
  const targets = [new Set([1, 2]), new Set([0])];
  const [head, middle, tail] = measureTiers(ranked, targets, Uint8Array.of(0, 1, 1, 2));
  expect([...head!.recall]).toEqual([Number.NaN, 1]);
  expect([...middle!.recall]).toEqual([0.5, Number.NaN]);
  expect([head!.share, middle!.share, tail!.share]).toEqual([0.5, 0.25, 0.25]);
  expect([head!.items, middle!.items, tail!.items]).toEqual([1, 2, 1]);
});

test("every user is in exactly one group of activity, and the groups do not overlap", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 60 }), (sizes) => {
      const groups = activityGroups(sizes);
      const members = groups.flatMap((group) => group.members).sort((a, b) => a - b);
      expect(members).toEqual(sizes.map((_, user) => user));
      for (let at = 1; at < groups.length; at++) {
        expect(groups[at]!.from).toBeGreaterThan(groups[at - 1]!.to);
      }
    }),
  );
});

test("users of very different activity fall in three groups of equal size", () => {
  const groups = activityGroups([1, 2, 3, 10, 20, 30, 100, 200, 300]);
  expect(groups.map(({ members }) => members.length)).toEqual([3, 3, 3]);
});

test("a million users are grouped as a few are", () => {
  const sizes = Uint32Array.from({ length: 999_999 }, (_, user) => 1 + (user % 3));
  expect(activityGroups(sizes).map(({ from, to }) => [from, to])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
});
