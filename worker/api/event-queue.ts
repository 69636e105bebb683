import type { UsherEvent } from "../../events/event.ts";
import { utf8Length } from "../../events/identifier.ts";
import { type EventMessage, packMessages } from "../../events/message.ts";
import { QUEUE_SEND_BATCH_BYTES, QUEUE_SEND_BATCH_MESSAGES } from "../../release/limits.ts";
import { Problem } from "./problem.ts";

/** What the platform adds to a message, in bytes: about 100, and room for more. */
const BESIDE_BYTES = 1_000;

/**
 * Sends events into the queue, many to a message: a message of 64 KB costs as much as one of 1 KB.
 *
 * @throws Problem 503 when the queue does not take them; some may be in it then.
 */
export async function enqueue(
  queue: Queue,
  events: readonly UsherEvent[],
  call: { readonly receivedAt: number; readonly requestId: string },
): Promise<void> {
  try {
    for (const batch of sendBatches(packMessages(events, { source: "api", ...call }))) {
      await queue.sendBatch(batch.map((body) => ({ body })));
    }
  } catch (error) {
    console.error(JSON.stringify({ queue: "send failed", error: (error as Error).message }));
    throw new Problem(
      503,
      "QUEUE_UNAVAILABLE",
      "The events could not be queued just now. Send the same call again, with the same eventIds: nothing is counted twice.",
      { headers: { "retry-after": "5" } },
    );
  }
}

/** Messages in batches that one send takes, by number and by bytes. */
function* sendBatches(messages: readonly EventMessage[]): Generator<EventMessage[]> {
  let batch: EventMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = utf8Length(JSON.stringify(message)) + BESIDE_BYTES;
    const full = batch.length >= QUEUE_SEND_BATCH_MESSAGES || bytes + size > QUEUE_SEND_BATCH_BYTES;
    if (batch.length > 0 && full) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
