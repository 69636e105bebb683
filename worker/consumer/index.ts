import { openDatabase } from "../../drizzle/database.ts";
import { storeBatch } from "../../drizzle/event-batch.ts";
import { addExposures } from "../../drizzle/exposures.ts";
import { addTraffic } from "../../drizzle/traffic-flushes.ts";
import { sortMessages } from "../../events/message.ts";
import { countConsumed, takeConsumed } from "./consumed.ts";
import type { ConsumerEnv } from "./environment.ts";
import { parkMessages } from "./park.ts";
import { retryDelaySeconds } from "./retry.ts";

/** A database that does not answer for so long is away, in ms; the platform gives a batch 15 min. */
const DATABASE_TIMEOUT_MS = 20_000;

export { Operations } from "./operations.ts";
export { People } from "./people.ts";

export default {
  /**
   * Stores a batch of event messages in one round trip, and what the API counted and what it showed in
   * experiments, where there is any, in another each; a delivery repeated changes nothing.
   *
   * One connection a batch, not a message: a Worker may not use a socket that another invocation
   * opened, so a batch of 100 messages is as far as one can be shared.
   */
  async queue(batch, env, ctx) {
    const database = openDatabase(env.DATABASE_URL, {
      wsProxy: env.DATABASE_WS_PROXY,
      connections: 1,
      timeoutMs: DATABASE_TIMEOUT_MS,
    });
    const started = Date.now();
    const about = { queue: batch.queue, messages: batch.messages.length };
    try {
      const sorted = sortMessages(batch.messages);
      const stored = await storeBatch(database, sorted);
      countConsumed(sorted.calls, batch.messages.length, Date.now());
      const flushes = await addTraffic(database, [...sorted.traffic, ...takeConsumed(Date.now())]);
      const { exposed, lists } = await addExposures(database, sorted.exposures);
      const { events, quarantined, unreadable, calls } = sorted;
      const counts = { events: events.length, poison: quarantined.length, dead: unreadable.length };
      const added = { ...stored, flushes, exposed, lists, ms: Date.now() - started };
      console.log(JSON.stringify({ ...about, ...counts, ...added, calls }));
    } catch (error) {
      console.error(JSON.stringify({ ...about, error: (error as Error).message }));
      if (batch.queue === env.DEAD_QUEUE) await park(batch, env);
      else retryAll(batch.messages, env);
    } finally {
      ctx.waitUntil(database.close());
    }
  },
} satisfies ExportedHandler<ConsumerEnv, unknown>;

/** Each message waits by its own number of attempts: a batch mixes old ones with new ones. */
function retryAll(messages: readonly Message<unknown>[], env: ConsumerEnv): void {
  const firstSeconds = Number(env.RETRY_FIRST_SECONDS);
  for (const message of messages) {
    const delaySeconds = retryDelaySeconds(message.attempts, firstSeconds, Math.random());
    message.retry({ delaySeconds });
  }
}

/** What has been tried for over an hour is kept in KV, until `usher redrive` brings it back. */
async function park(batch: MessageBatch<unknown>, env: ConsumerEnv): Promise<void> {
  const failed = await parkMessages(env.RELEASES, batch.messages);
  console.error(JSON.stringify({ parked: batch.messages.length - failed.length }));
  retryAll(failed, env);
}
