import { openDatabase } from "../../drizzle/database.ts";
import { storeBatch } from "../../drizzle/event-batch.ts";
import { addExposures } from "../../drizzle/exposures.ts";
import { addTraffic } from "../../drizzle/traffic-flushes.ts";
import { sortMessages } from "../../events/message.ts";
import { messagesByTenant, type OpenedMessage } from "../../events/tenant-message.ts";
import { consumedOf } from "./consumed.ts";
import type { ConsumerEnv } from "./environment.ts";
import { parkMessages } from "./park.ts";
import { retryDelaySeconds } from "./retry.ts";
import { environmentOf } from "./tenant-methods.ts";

/** A database that does not answer for so long is away, in ms; the platform gives a batch 15 min. */
const DATABASE_TIMEOUT_MS = 20_000;

export { Operations } from "./operations.ts";
export { People } from "./people.ts";

export default {
  /**
   * Stores a batch of event messages in one round trip, and what the API counted and what it showed in
   * experiments, where there is any, in another each; a delivery repeated changes nothing.
   *
   * One connection a batch and tenant, not a message: a Worker may not use a socket that another invocation
   * opened, so a batch of 100 messages is as far as one can be shared.
   */
  async queue(batch, env, ctx) {
    for (const [tenant, messages] of messagesByTenant(batch.messages)) {
      await storeMessages(messages, tenant, batch.queue, environmentOf(env, tenant), ctx);
    }
  },
} satisfies ExportedHandler<ConsumerEnv, unknown>;

type Delivered = OpenedMessage<Message<unknown>>;

/** Stores what is one tenant's; a database of theirs that is away holds up nobody else's. */
async function storeMessages(
  messages: readonly Delivered[],
  tenant: string | null,
  queue: string,
  env: ConsumerEnv,
  ctx: ExecutionContext,
): Promise<void> {
  const database = openDatabase(env.DATABASE_URL, {
    wsProxy: env.DATABASE_WS_PROXY,
    connections: 1,
    timeoutMs: DATABASE_TIMEOUT_MS,
  });
  const started = Date.now();
  const whose = tenant === null ? {} : { tenant };
  const about = { queue, ...whose, messages: messages.length };
  try {
    const sorted = sortMessages(messages);
    const stored = await storeBatch(database, sorted);
    const consumed = consumedOf(tenant);
    consumed.count(sorted.calls, messages.length, Date.now());
    const flushes = await addTraffic(database, [...sorted.traffic, ...consumed.take(Date.now())]);
    const { exposed, lists } = await addExposures(database, sorted.exposures);
    const { events, quarantined, unreadable, calls } = sorted;
    const counts = { events: events.length, poison: quarantined.length, dead: unreadable.length };
    const added = { ...stored, flushes, exposed, lists, ms: Date.now() - started };
    console.log(JSON.stringify({ ...about, ...counts, ...added, calls }));
  } catch (error) {
    console.error(JSON.stringify({ ...about, error: (error as Error).message }));
    if (queue === env.DEAD_QUEUE) await park(messages, env);
    else retryAll(messages, env);
  } finally {
    ctx.waitUntil(database.close());
  }
}

/** Each message waits by its own number of attempts: a batch mixes old ones with new ones. */
function retryAll(messages: readonly Delivered[], env: ConsumerEnv): void {
  const firstSeconds = Number(env.RETRY_FIRST_SECONDS);
  for (const { delivered } of messages) {
    const delaySeconds = retryDelaySeconds(delivered.attempts, firstSeconds, Math.random());
    delivered.retry({ delaySeconds });
  }
}

/** What has been tried for over an hour is kept in KV, until `usher redrive` brings it back. */
async function park(messages: readonly Delivered[], env: ConsumerEnv): Promise<void> {
  const failed = await parkMessages(env.RELEASES, messages);
  console.error(JSON.stringify({ parked: messages.length - failed.length }));
  retryAll(failed, env);
}
