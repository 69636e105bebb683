import path from "node:path";
import { kill } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { UsherEvent } from "../../events/event.ts";
import { packMessages } from "../../events/message.ts";
import { freePort } from "../../local/ports.ts";
import { childrenNamed } from "../../local/processes.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../../local/temporary-database.ts";
import { type LocalWorkers, type QueuedMessage, startWorkers } from "../../local/workerd.ts";
import { seededRandom, shuffle } from "../../trainer/random.ts";
import { type Compared, compareWithSent } from "./compare-events.ts";
import { makeCalls, makeEvents, type SentEvent } from "./event-traffic.ts";

/** What a run with a consumer that is killed came to. */
export interface KilledReport extends Compared {
  readonly kills: number;
  /** Deliveries of messages that had been delivered before. */
  readonly redelivered: number;
}

interface KilledOptions {
  readonly events: number;
  readonly seed: number;
  readonly kills: number;
  readonly say: (line: string) => void;
}

const BATCH = 10;

/**
 * Delivers messages to the real consumer Worker from a queue that outlives it, and ends workerd by
 * SIGKILL while it works on a batch: before, during or after its statement. What the queue was not
 * told to be done is delivered again, to a new workerd.
 */
export async function runWithKills(options: KilledOptions): Promise<KilledReport> {
  const { events: count, seed, say } = options;
  say(`seed ${seed}: repeat it with USHER_SEED=${seed}`);
  const random = seededRandom(seed);
  const events = makeEvents(count, random);
  const queue = messagesOf(makeCalls(events, random).flat());
  shuffle(queue, random);
  const temporary = await startTemporaryDatabase();
  let workers = await startConsumer(temporary);
  let kills = 0;
  let redelivered = 0;
  try {
    const killEvery = Math.max(1, Math.floor(queue.length / BATCH / (options.kills + 1)));
    for (let turn = 1; queue.length > 0; turn++) {
      const batch = queue.splice(0, BATCH);
      redelivered += batch.filter(({ attempts }) => attempts > 1).length;
      const dies = kills < options.kills && turn % killEvery === 0;
      const delivery = workers.deliver(batch).catch(() => null);
      if (dies) {
        // The first dies before it has begun, the others anywhere.
        await sleep(kills === 0 ? 0 : random() * 40);
        await killWorkerd();
        kills++;
      }
      const again = leftOver(batch, await delivery);
      queue.push(...again.map((message) => ({ ...message, attempts: message.attempts + 1 })));
      if (dies) {
        await workers.stop().catch(() => {});
        workers = await startConsumer(temporary);
        say(
          `killed workerd at batch ${turn}: ${again.length} of ${batch.length} messages come again`,
        );
      }
    }
    const compared = await compareWithSent(temporary.database, events);
    return { ...compared, kills, redelivered };
  } finally {
    await workers.stop().catch(() => {});
    await temporary.stop();
  }
}

function messagesOf(sent: readonly SentEvent[]): QueuedMessage[] {
  const events = sent.map((event): UsherEvent => {
    const { value = null, minutes = null, ...rest } = event;
    return { ...rest, value, minutes, share: null, requestId: null };
  });
  const about = { source: "api", receivedAt: Date.now(), requestId: "killed" };
  // Small messages: a batch is then a second's worth of a busy service.
  const packed = packMessages(events, about, 4_000);
  return packed.map((body, at) => ({
    id: `message-${at}`,
    timestamp: new Date(),
    attempts: 1,
    body,
  }));
}

function startConsumer({ postgres, folder }: TemporaryDatabase): Promise<LocalWorkers> {
  return freePort().then((port) =>
    startWorkers({
      port,
      stateDir: path.join(folder, "workers"),
      logFile: path.join(folder, "workers.ndjson"),
      variables: { databaseUrl: postgres.url, databaseWsProxy: postgres.wsProxy },
    }),
  );
}

/** The whole batch when nobody lived to say what became of it. */
function leftOver(
  batch: readonly QueuedMessage[],
  delivery: Awaited<ReturnType<LocalWorkers["deliver"]>> | null,
): readonly QueuedMessage[] {
  if (delivery === null || delivery.outcome !== "ok" || delivery.retryBatch.retry) return batch;
  const retried = new Set(delivery.retryMessages.map(({ msgId }) => msgId));
  return batch.filter(({ id }) => retried.has(id));
}

async function killWorkerd(): Promise<void> {
  for (const pid of await childrenNamed("workerd")) kill(pid, "SIGKILL");
}
