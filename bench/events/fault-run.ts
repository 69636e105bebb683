import { setTimeout as sleep } from "node:timers/promises";
import pMap from "p-map";
import type { Database } from "../../drizzle/database.ts";
import { type FaultyCloud, startFaultyCloud } from "../../local/faults/faulty-cloud.ts";
import { parkedIn } from "../../local/faults/parked-letters.ts";
import { redrive } from "../../trainer/import/redrive.ts";
import { type Random, seededRandom } from "../../trainer/random.ts";
import { type Compared, compareWithSent } from "./compare-events.ts";
import { makeCalls, makeEvents, type SentEvent, sendCall } from "./event-traffic.ts";

/** What a run with faults came to. */
export interface FaultReport extends Compared {
  readonly cuts: number;
  readonly restarts: number;
  /** Processes of Postgres that were ended in the middle of what they did for the consumer. */
  readonly backendsKilled: number;
  readonly redrivenMessages: number;
  readonly seconds: number;
}

interface FaultOptions {
  readonly events: number;
  readonly seed: number;
  /** Postgres is stopped and started so often. */
  readonly restarts: number;
  /** How long the longest of these outages is; past ten seconds messages become dead letters. */
  readonly longestOutageMs: number;
  readonly say: (line: string) => void;
}

/** Longer than the consumer waits for a database that does not answer: until then events are under way. */
const QUIET_MS = 30_000;

/**
 * Sends events with duplicates and out of order through API, queue, consumer and Postgres, while the
 * consumer dies in a third of its runs, its connections are cut and Postgres is stopped; then compares
 * the table with the one computed from the input.
 */
export async function runWithFaults(options: FaultOptions): Promise<FaultReport> {
  const { say, seed } = options;
  say(`seed ${seed}: repeat it with USHER_SEED=${seed}`);
  const random = seededRandom(seed);
  const events = makeEvents(options.events, random);
  const calls = makeCalls(events, random);
  const cloud = await startFaultyCloud("crashing", random);
  const started = performance.now();
  try {
    const faults = causeFaults(cloud, random, options);
    await pMap(calls, (call) => sendAfterAWhile(cloud.api, call, random), { concurrency: 4 });
    say(`${calls.length} calls sent in ${seconds(started).toFixed(1)} s`);
    const { restarts, backendsKilled } = await faults.end();
    const redrivenMessages = await settle(cloud, events.length, say);
    const found = await cloud.withDatabase((database) => compareWithSent(database, events));
    const cuts = cloud.cuts();
    const took = seconds(started);
    return { ...found, cuts, restarts, backendsKilled, redrivenMessages, seconds: took };
  } finally {
    await cloud.stop();
  }
}

/** Calls come over time: the queue would otherwise hand all of them over in one batch. */
async function sendAfterAWhile(
  api: string,
  call: readonly SentEvent[],
  random: Random,
): Promise<void> {
  await sleep(random() * 1_000);
  await sendCall(api, call);
}

/**
 * In the background, until all restarts are done and the calls are sent: restarts Postgres, and
 * between that ends the processes that serve the consumer.
 */
function causeFaults(cloud: FaultyCloud, random: Random, options: FaultOptions) {
  const { restarts, longestOutageMs, say } = options;
  let sending = true;
  let done = 0;
  let backendsKilled = 0;
  const work = (async () => {
    while (sending || done < restarts) {
      await sleep(100 + random() * 1_000);
      if (done === restarts || random() < 0.3) {
        backendsKilled += await cloud.withDatabase(killBackends);
        continue;
      }
      await cloud.stopPostgres();
      const downMs = done === 1 ? longestOutageMs : 300 + random() * 1_500;
      await sleep(downMs);
      await cloud.startPostgres();
      done++;
      say(`Postgres was away for ${Math.round(downMs)} ms`);
    }
  })();
  return {
    end: async () => {
      sending = false;
      await work;
      return { restarts: done, backendsKilled };
    },
  };
}

/** Ends every process of Postgres that serves a client, but the one that is asked. */
async function killBackends(database: Database): Promise<number> {
  const { rows } = await database.pool.query(
    `select count(pg_terminate_backend(pid))::int as count from pg_stat_activity
     where backend_type = 'client backend' and pid <> pg_backend_pid() and state <> 'idle'`,
  );
  return (rows[0] as { count: number }).count;
}

/** Redrives dead letters whenever nothing has moved for a while, until all has arrived. */
async function settle(
  cloud: FaultyCloud,
  expected: number,
  say: (line: string) => void,
): Promise<number> {
  let before = -1;
  let quietSince = performance.now();
  let redriven = 0;
  for (;;) {
    const count = await cloud.withDatabase(countEvents);
    if (count !== before) quietSince = performance.now();
    before = count;
    if (performance.now() - quietSince > QUIET_MS || count >= expected) {
      const kv = parkedIn(cloud.workers.kv);
      const summary = await cloud.withDatabase((database) => redrive(database, kv));
      redriven += summary.messages;
      if (summary.messages > 0) say(`redriven: ${JSON.stringify(summary)}`);
      if (summary.messages === 0) return redriven;
      quietSince = performance.now();
    }
    await sleep(200);
  }
}

async function countEvents(database: Database): Promise<number> {
  const { rows } = await database.pool.query("select count(*)::int as count from events");
  return (rows[0] as { count: number }).count;
}

function seconds(since: number): number {
  return (performance.now() - since) / 1000;
}
