import { expect, test } from "vitest";
import { type ProfileEvent, profileOf } from "./profile.ts";

function event(
  type: ProfileEvent["type"],
  occurredAt: number,
  value: number | null = null,
): ProfileEvent {
  return { itemId: "a", type, value, occurredAt };
}

test("the latest rating stands, whatever the order of arrival", () => {
  const first = event("rate", 1, 5);
  const second = event("rate", 2, 1);
  expect(profileOf([first, second]).interactions).toEqual([second]);
  expect(profileOf([second, first]).interactions).toEqual([second]);
});

test("a rating stands before a later play, and of two at one instant the later arrived", () => {
  const rating = event("rate", 1, 4);
  expect(profileOf([event("play", 9), rating]).interactions).toEqual([rating]);
  const corrected = event("rate", 1, 2);
  expect(profileOf([rating, corrected]).interactions).toEqual([corrected]);
});

test("a removal takes away what was before it, and only that", () => {
  const events = [event("rate", 1, 5), event("view", 2), event("remove", 3)];
  expect(profileOf(events)).toEqual({ interactions: [], removed: ["a"] });
  const again = event("click", 4);
  expect(profileOf([again, ...events])).toEqual({ interactions: [again], removed: [] });
});

test("interactions come latest first", () => {
  const other = { ...event("view", 5), itemId: "b" };
  const rating = event("rate", 1, 5);
  expect(profileOf([rating, other]).interactions).toEqual([other, rating]);
  expect(profileOf([])).toEqual({ interactions: [], removed: [] });
});
