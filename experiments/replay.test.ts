import { expect, test } from "vitest";
import {
  LEAST_EFFECTIVE_USERS,
  MOST_WEIGHT,
  type ReplayedList,
  refusal,
  replay,
} from "./replay.ts";

const LENGTH = 10;
/** Items 0 to 9 are one arm's list, 5 to 14 the other's, which one user in five is served. */
const FIRST = Array.from({ length: LENGTH }, (_, at) => at);
const SECOND = Array.from({ length: LENGTH }, (_, at) => at + 5);
const SECOND_SHARE = 0.2;
/** The candidate takes two of the first, three of both and five of the second. */
const CANDIDATE = [3, 4, 5, 6, 7, 10, 11, 12, 13, 14];

/** How likely an item is taken when shown; users differ by a factor. */
function appeal(item: number): number {
  return 0.02 + 0.01 * item;
}

/** A source of numbers 0..1, the same for the same seed (Park & Miller's generator). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function logs(
  users: number,
  seed: number,
  candidate: readonly number[] = CANDIDATE,
): ReplayedList[] {
  const random = numbers(seed);
  const lists: ReplayedList[] = [];
  for (let user = 0; user < users; user++) {
    const shown = random() < SECOND_SHARE ? SECOND : FIRST;
    const keen = 0.5 + random();
    for (let times = 1 + Math.floor(random() * 3); times > 0; times--) {
      lists.push({
        userId: `u${user}`,
        wanted: candidate.length,
        supported: candidate.filter((item) => item <= 14).length,
        shown: shown.map((item) => ({
          propensity:
            (FIRST.includes(item) ? 1 - SECOND_SHARE : 0) +
            (SECOND.includes(item) ? SECOND_SHARE : 0),
          wanted: candidate.includes(item),
          taken: random() < appeal(item) * keen,
        })),
      });
    }
  }
  return lists;
}

test("the known value of a candidate is recovered within its interval, nine times of ten at least", () => {
  const truth = CANDIDATE.reduce((sum, item) => sum + appeal(item), 0);
  const logged =
    FIRST.reduce((sum, item) => sum + appeal(item), 0) * (1 - SECOND_SHARE) +
    SECOND.reduce((sum, item) => sum + appeal(item), 0) * SECOND_SHARE;
  let held = 0;
  let relativeHeld = 0;
  let sum = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const found = replay(logs(1_000, seed))!;
    sum += found.candidate;
    if (found.interval.low <= truth && truth <= found.interval.high) held++;
    const relative = truth / logged - 1;
    const { low, high } = found.relativeInterval;
    if (low <= relative && relative <= high) relativeHeld++;
  }
  expect(sum / 200).toBeCloseTo(truth, 1);
  expect(held / 200).toBeGreaterThan(0.9);
  expect(relativeHeld / 200).toBeGreaterThan(0.9);
});

test("the plain rate of what was shown would not have been it", () => {
  const lists = logs(20_000, 1);
  const truth = CANDIDATE.reduce((sum, item) => sum + appeal(item), 0);
  const unweighted = lists.map((list) => ({
    ...list,
    shown: list.shown.map((item) => ({ ...item, propensity: 1 })),
  }));
  const { interval } = replay(unweighted)!;
  expect(interval.high).toBeLessThan(truth);
  expect(Math.abs(replay(lists)!.candidate - truth)).toBeLessThan(0.05);
});

test("the arm that everybody saw is worth what it brought", () => {
  const lists = logs(500, 3, FIRST).map((list) => ({
    ...list,
    shown: list.shown.map((item) => ({ ...item, propensity: 1, wanted: true })),
  }));
  const found = replay(lists)!;
  expect(found.candidate).toBeCloseTo(found.logged, 12);
  expect(found.relative).toBeCloseTo(0, 12);
  expect(found.relativeInterval.high).toBeCloseTo(0, 9);
  expect(found).toMatchObject({ overlap: 1, users: 500, clipped: 0 });
});

test("too little overlap, or too few users, is refused with a sentence", () => {
  const elsewhere = [3, ...Array.from({ length: 9 }, (_, at) => 100 + at)];
  expect(refusal(replay(logs(2_000, 1, elsewhere)))).toContain("Only 10 % of what this release");
  const few = replay(logs(40, 1));
  expect(few!.effectiveUsers).toBeLessThan(LEAST_EFFECTIVE_USERS);
  expect(refusal(few)).toContain("let the experiment go on");
  expect(refusal(replay([]))).toContain("nothing to replay");
  expect(refusal(replay(logs(2_000, 1)))).toBeNull();
});

test("a weight never passes its limit, and how many were cut is told", () => {
  const lists = logs(300, 1).map((list) => ({
    ...list,
    shown: list.shown.map((item) => ({ ...item, propensity: 1 / (2 * MOST_WEIGHT) })),
  }));
  expect(replay(lists)!.clipped).toBe(1);
  const cut = lists.map((list) => ({
    ...list,
    shown: list.shown.map((item) => ({ ...item, propensity: 1 / MOST_WEIGHT })),
  }));
  expect(replay(lists)!.candidate).toBe(replay(cut)!.candidate);
});
