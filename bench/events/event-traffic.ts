import { type Random, shuffle } from "../../trainer/random.ts";

/** An event as a client sends it. */
export interface SentEvent {
  readonly eventId: string;
  readonly userId: string;
  readonly itemId: string;
  readonly type: "rate" | "play" | "click" | "view" | "remove";
  readonly value?: number;
  readonly minutes?: number;
  readonly occurredAt: number;
}

const START = Date.UTC(2026, 0, 1);
const TYPES = ["rate", "rate", "rate", "play", "click", "view", "remove"] as const;

/** Distinct events of a tenth as many users, each at a moment of its own. */
export function makeEvents(count: number, random: Random): SentEvent[] {
  const users = Math.max(1, Math.floor(count / 10));
  return Array.from({ length: count }, (_, i): SentEvent => {
    const type = TYPES[Math.floor(random() * TYPES.length)]!;
    return {
      eventId: `event-${i}`,
      userId: `user-${Math.floor(random() * users)}`,
      itemId: `item-${Math.floor(random() ** 2 * 20)}`,
      type,
      ...(type === "rate" ? { value: 1 + Math.floor(random() * 9) / 2 } : {}),
      ...(type === "play" ? { minutes: Math.floor(random() * 180) } : {}),
      occurredAt: START + i * 1000,
    };
  });
}

/** Calls of 1 to 1,000 events, out of order, in which a fifth of all events is sent a second time. */
export function makeCalls(events: readonly SentEvent[], random: Random): SentEvent[][] {
  const again = events.filter(() => random() < 0.2);
  const sent = shuffle([...events, ...again], random);
  const calls: SentEvent[][] = [];
  for (let from = 0; from < sent.length; ) {
    const size = 1 + Math.floor(random() ** 3 * 1000);
    calls.push(sent.slice(from, from + size));
    from += size;
  }
  return calls;
}

/** The rating of each user and item that stands, by the definition: `user/item` to value. */
export function standingRatings(events: readonly SentEvent[]): Map<string, number> {
  const standing = new Map<string, number>();
  for (const { userId, itemId, type, value } of events) {
    if (type === "rate") standing.set(`${userId}/${itemId}`, value!);
    if (type === "remove") standing.delete(`${userId}/${itemId}`);
  }
  return standing;
}

/** Sends one call until it is taken; a refusal for now is what clients retry. */
export async function sendCall(api: string, call: readonly SentEvent[]): Promise<void> {
  for (;;) {
    const response = await fetch(`${api}/v1/events`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(call),
    });
    const text = await response.text();
    if (response.status === 202) return;
    if (response.status !== 503 && response.status !== 429) {
      throw new Error(`${api} answered ${response.status}: ${text.slice(0, 200)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
