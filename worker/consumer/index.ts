import { type Database, openDatabase } from "../../drizzle/database.ts";
import { insertEvents } from "../../drizzle/events.ts";
import { insertQuarantine } from "../../drizzle/quarantine.ts";
import type { UsherEvent } from "../../events/event.ts";
import { parseMessage } from "../../events/message.ts";

/** What the consumer Worker is bound to; `worker/consumer/wrangler.toml` declares it. */
export interface ConsumerEnv {
  readonly DATABASE_URL: string;
  /** Set where Postgres is reached through a plain WebSocket proxy, as on a developer's machine. */
  readonly DATABASE_WS_PROXY?: string;
}

/** First and longest wait before a batch is delivered again, in seconds. */
const RETRY_SECONDS = 1;
const RETRY_SECONDS_MOST = 300;

export default {
  /** Stores a batch of event messages in one round trip; a delivery repeated changes nothing. */
  async queue(batch, env, ctx) {
    const database = openDatabase(env.DATABASE_URL, { wsProxy: env.DATABASE_WS_PROXY });
    try {
      await storeBatch(database, batch);
    } catch (error) {
      const attempts = batch.messages[0]?.attempts ?? 1;
      const delaySeconds = Math.min(RETRY_SECONDS * 2 ** (attempts - 1), RETRY_SECONDS_MOST);
      console.error(
        JSON.stringify({ batch: batch.messages.length, delaySeconds, error: String(error) }),
      );
      batch.retryAll({ delaySeconds });
    } finally {
      ctx.waitUntil(database.close());
    }
  },
} satisfies ExportedHandler<ConsumerEnv, unknown>;

async function storeBatch(database: Database, batch: MessageBatch<unknown>): Promise<void> {
  const bySource = new Map<string, UsherEvent[]>();
  for (const message of batch.messages) {
    const parsed = parseMessage(message.body);
    if (!parsed.ok) {
      await quarantine(database, message, parsed.reason);
      continue;
    }
    const events = bySource.get(parsed.message.source) ?? [];
    events.push(...parsed.message.events);
    bySource.set(parsed.message.source, events);
  }
  for (const [source, events] of bySource) {
    const { inserted } = await insertEvents(database, events, source);
    console.log(JSON.stringify({ source, events: events.length, inserted }));
  }
}

/** A message that nobody can read is kept with its reason: delivering it again would not help. */
async function quarantine(database: Database, message: Message<unknown>, reason: string) {
  const raw = JSON.stringify(message.body) ?? "";
  await insertQuarantine(database, [{ source: `queue:${message.id}`, line: null, raw, reason }]);
}
