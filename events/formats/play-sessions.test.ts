import { expect, test } from "vitest";
import { PlaySessions } from "./play-sessions.ts";

const MINUTE = 60_000;
const play = (userId: string, itemId: string, minutes: number, at: number) => ({
  userId,
  itemId,
  type: "play",
  value: null,
  minutes,
  occurredAt: at,
});

test("45 minutes watched are one play, at the time of its latest minute", () => {
  const sessions = new PlaySessions();
  for (let minute = 1; minute <= 45; minute++) {
    expect(sessions.add("1", "a", minute, minute * MINUTE, minute)).toEqual([]);
  }
  expect(sessions.heldFrom).toBe(1);
  expect(sessions.drain()).toEqual([play("1", "a", 45, 45 * MINUTE)]);
  expect(sessions.heldFrom).toBeNull();
});

test("minutes out of order and twice come to the same", () => {
  const sessions = new PlaySessions();
  for (const minute of [2, 3, 1, 3, 2]) sessions.add("1", "a", minute, minute * MINUTE, 0);
  expect(sessions.drain()).toEqual([play("1", "a", 3, 3 * MINUTE)]);
});

test("an hour without a minute ends a sitting, of whomever", () => {
  const sessions = new PlaySessions();
  sessions.add("1", "a", 10, 0, 0);
  sessions.add("2", "a", 5, 40 * MINUTE, 1);
  expect(sessions.add("3", "b", 1, 61 * MINUTE, 2)).toEqual([play("1", "a", 10, 0)]);
  expect(sessions.heldFrom).toBe(1);
  const again = sessions.add("2", "a", 1, 200 * MINUTE, 3);
  expect(again).toContainEqual(play("2", "a", 5, 40 * MINUTE));
  expect(sessions.drain()).toEqual([play("2", "a", 1, 200 * MINUTE)]);
});
