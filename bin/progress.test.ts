import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createProgress } from "./progress.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A log file in place of a terminal. */
function log(): { readonly lines: string[]; readonly stream: NodeJS.WriteStream } {
  const lines: string[] = [];
  const write = (text: string) => lines.push(text);
  return { lines, stream: { isTTY: false, write } as unknown as NodeJS.WriteStream };
}

test("in a log, work whose share is known is a line at each quarter", () => {
  const { lines, stream } = log();
  const progress = createProgress(stream);
  for (let share = 0; share <= 1; share += 1 / 16) progress.update(`${share * 16}`, share);
  expect(lines).toEqual(["  0\n", "  4\n", "  8\n", "  12\n", "  16\n"]);
});

test("in a log, work whose share cannot be known gives a sign of life every ten seconds", () => {
  const { lines, stream } = log();
  const progress = createProgress(stream);
  progress.step("Importing standard input");
  for (let second = 1; second <= 25; second++) {
    vi.advanceTimersByTime(1000);
    progress.update(`${second * 5000} rows`, null);
  }
  expect(lines).toEqual(["> Importing standard input\n", "  50000 rows\n", "  100000 rows\n"]);
});
