import { expect, test } from "vitest";
import type { UsherEvent } from "../../events/event.ts";
import { parseSpeed, replay } from "./replay.ts";

function history(...seconds: number[]): UsherEvent[] {
  const rest = { value: null, minutes: null, share: null, requestId: null };
  return seconds.map((second, i) => {
    return {
      eventId: `${i}`,
      userId: "1",
      itemId: "a",
      type: "view",
      occurredAt: second * 1000,
      ...rest,
    };
  });
}

/** A clock that passes only while somebody sleeps. */
async function replayed(events: UsherEvent[], speed: number) {
  let now = 5_000;
  const calls: { at: number; ids: string[] }[] = [];
  const slept: number[] = [];
  const summary = await replay(events, {
    speed,
    clock: () => now,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
    send: async (sent) => {
      calls.push({ at: now - 5_000, ids: sent.map(({ eventId }) => eventId) });
      return { accepted: sent.length, duplicates: 0, rejected: 0 };
    },
  });
  return { calls, summary, slept };
}

test("a pause of months is waited for, in sleeps that a timer can hold", async () => {
  const days = 86_400;
  const { calls, slept } = await replayed(history(0, 100 * days), 1);
  expect(calls.map(({ at }) => at)).toEqual([0, 100 * days * 1000]);
  expect(Math.max(...slept)).toBeLessThan(2 ** 31);
});

test("history passes ten times as fast", async () => {
  const { calls, summary } = await replayed(history(100, 110, 111, 200), 10);
  expect(calls).toEqual([
    { at: 0, ids: ["0"] },
    { at: 1000, ids: ["1", "2"] },
    { at: 10_000, ids: ["3"] },
  ]);
  expect(summary).toEqual({ accepted: 4, duplicates: 0, rejected: 0, calls: 3 });
});

test("as fast as it is taken, a call holds up to a thousand events", async () => {
  const events = history(...Array.from({ length: 2500 }, (_, i) => i * 60));
  const { calls } = await replayed(events, Number.POSITIVE_INFINITY);
  expect(calls.map(({ at, ids }) => [at, ids.length])).toEqual([
    [0, 1000],
    [0, 1000],
    [0, 500],
  ]);
});

test("nothing to replay sends nothing", async () => {
  expect((await replayed([], 1)).summary.calls).toBe(0);
});

test("a speed is a factor, or max", () => {
  expect([parseSpeed("10x"), parseSpeed("0.5x"), parseSpeed("3"), parseSpeed("max")]).toEqual([
    10,
    0.5,
    3,
    Number.POSITIVE_INFINITY,
  ]);
  for (const wrong of ["fast", "0x", "-1", ""]) expect(() => parseSpeed(wrong)).toThrow("--speed");
});
