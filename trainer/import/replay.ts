import type { UsherEvent } from "../../events/event.ts";
import { eventOfRating } from "../../events/formats/format.ts";
import { UsherError } from "../../release/error.ts";
import type { DirectoryReading } from "./read-directory.ts";

/** What the API said to one call. */
export interface CallOutcome {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
}

/** How a replay goes. */
export interface ReplayOptions {
  /** History passes so many times as fast as it did; Infinity sends as fast as it is taken. */
  readonly speed: number;
  /** Sends one call of up to 1,000 events. */
  readonly send: (events: readonly UsherEvent[]) => Promise<CallOutcome>;
  readonly sleep: (ms: number) => Promise<void>;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly onProgress?: (sent: number, total: number, at: number) => void;
}

export interface ReplaySummary extends CallOutcome {
  readonly calls: number;
}

/** Events due within this time go in one call, in ms. */
const TICK_MS = 200;
const MOST_EVENTS = 1_000;
/** Timers have 31 bits: one of more than 24.8 days would go off at once. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

/** Reads a whole history, oldest first; about 300 bytes of memory an event. */
export async function readHistory(reading: DirectoryReading): Promise<UsherEvent[]> {
  const events: UsherEvent[] = [];
  for await (const { ratings } of reading.batches) {
    for (const rating of ratings) events.push(eventOfRating(rating));
  }
  return events.sort((a, b) => a.occurredAt - b.occurredAt);
}

/**
 * Plays a history as live traffic: events leave in the rhythm in which they happened, `speed` times
 * as fast. They keep their times and ids, so that a replay broken off can be repeated.
 *
 * @param events oldest first.
 */
export async function replay(
  events: readonly UsherEvent[],
  options: ReplayOptions,
): Promise<ReplaySummary> {
  const { speed, send, clock } = options;
  const start = clock();
  const first = events[0]?.occurredAt ?? 0;
  const dueAt = (event: UsherEvent) => start + (event.occurredAt - first) / speed;
  const summary = { accepted: 0, duplicates: 0, rejected: 0, calls: 0 };
  for (let from = 0; from < events.length; ) {
    await sleepUntil(dueAt(events[from]!), options);
    const until = Math.max(clock(), dueAt(events[from]!)) + TICK_MS;
    let to = from + 1;
    while (to < events.length && to - from < MOST_EVENTS && dueAt(events[to]!) <= until) to++;
    const outcome = await send(events.slice(from, to));
    summary.accepted += outcome.accepted;
    summary.duplicates += outcome.duplicates;
    summary.rejected += outcome.rejected;
    summary.calls++;
    from = to;
    options.onProgress?.(from, events.length, events[from - 1]!.occurredAt);
  }
  return summary;
}

async function sleepUntil(
  due: number,
  { clock, sleep }: Pick<ReplayOptions, "clock" | "sleep">,
): Promise<void> {
  for (let wait = due - clock(); wait > 0; wait = due - clock()) {
    await sleep(Math.min(wait, LONGEST_SLEEP_MS));
  }
}

/** `10x`, `0.5x`, `10` or `max` as a factor. @throws UsherError `REPLAY_SPEED`. */
export function parseSpeed(text: string): number {
  if (text === "max") return Number.POSITIVE_INFINITY;
  const factor = Number(/^(\d+(?:\.\d+)?)x?$/.exec(text)?.[1] ?? 0);
  if (factor > 0) return factor;
  throw new UsherError("REPLAY_SPEED", `--speed is "${text}"; it takes 10x, 0.5x or max.`);
}
