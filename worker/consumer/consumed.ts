/** What this isolate of the consumer took from the queue, on its way into the roll-ups. */
import type { NewTrafficFlush } from "../../drizzle/traffic-flushes.ts";
import type { SortedMessages } from "../../events/message.ts";
import { Traffic } from "../api/traffic.ts";

/** Between two flushes, in ms: a busy consumer adds its own counts to one batch of many. */
const FLUSH_MS = 5_000;

/** What was taken from the queue of one catalogue. */
class Consumed {
  readonly #traffic = new Traffic(0);

  /**
   * Counts a batch that is stored by now: its messages, and for each call how long its events were on
   * their way.
   *
   * @param now epoch ms.
   */
  count(calls: SortedMessages["calls"], messages: number, now: number): void {
    this.#traffic.add("queue_messages", {}, messages);
    for (const { receivedAt } of calls) {
      this.#traffic.time("lag", {}, Math.max(0, now - receivedAt));
    }
  }

  /** What was counted, when it is time for it: the first batch of an isolate, then every few seconds. */
  take(now: number): NewTrafficFlush[] {
    if (now < this.#traffic.flushAt) return [];
    this.#traffic.flushAt = now + FLUSH_MS;
    return [{ flushId: crypto.randomUUID(), flushedAt: now, counts: this.#traffic.take() }];
  }
}

const consumed = new Map<string | null, Consumed>();

/** This isolate's counts of a tenant's messages; null for the deployment's own. */
export function consumedOf(tenant: string | null): Consumed {
  const known = consumed.get(tenant);
  if (known !== undefined) return known;
  const made = new Consumed();
  consumed.set(tenant, made);
  return made;
}
