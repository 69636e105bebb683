/** What this isolate of the consumer took from the queue, on its way into the roll-ups. */
import type { NewTrafficFlush } from "../../drizzle/traffic-flushes.ts";
import type { SortedMessages } from "../../events/message.ts";
import { Traffic } from "../api/traffic.ts";

/** Between two flushes, in ms: a busy consumer adds its own counts to one batch of many. */
const FLUSH_MS = 5_000;

const consumed = new Traffic(0);

/**
 * Counts a batch that is stored by now: its messages, and for each call how long its events were on
 * their way.
 *
 * @param now epoch ms.
 */
export function countConsumed(calls: SortedMessages["calls"], messages: number, now: number): void {
  consumed.add("queue_messages", {}, messages);
  for (const { receivedAt } of calls) consumed.time("lag", {}, Math.max(0, now - receivedAt));
}

/** What was counted, when it is time for it: the first batch of an isolate, then every few seconds. */
export function takeConsumed(now: number): NewTrafficFlush[] {
  if (now < consumed.flushAt) return [];
  consumed.flushAt = now + FLUSH_MS;
  return [{ flushId: crypto.randomUUID(), flushedAt: now, counts: consumed.take() }];
}
