import type { Database } from "../../drizzle/database.ts";
import { insertEvents, type NewEvent } from "../../drizzle/events.ts";
import { readPartition } from "../../drizzle/partitions.ts";
import { takeWatermark } from "../../drizzle/snapshot.ts";
import { startTemporaryDatabase } from "../../local/temporary-database.ts";
import { seededRandom } from "../../trainer/random.ts";
import type { Benchmark, Figures } from "../benchmark.ts";
import { makeEvents } from "./event-traffic.ts";

/** Rows at which is measured, in millions; `USHER_MILLIONS=1,10,30` says others. */
const MILLIONS = process.env["USHER_MILLIONS"] ?? "1,3";
const CHUNK = 1_000_000;
const BATCH = 500;
const BATCHES = 40;
/** Events of one file of a snapshot. */
const PARTITION = 250_000;

export default {
  title: "what a row of events costs, and what gets slower, as the table grows",
  async run(say) {
    const temporary = await startTemporaryDatabase();
    const figures: Record<string, number> = {};
    try {
      let rows = 0;
      for (const millions of MILLIONS.split(",").map(Number)) {
        const started = performance.now();
        const from = rows;
        for (; rows < millions * 1_000_000; rows += CHUNK) await grow(temporary.database, rows);
        const seconds = (performance.now() - started) / 1000;
        await temporary.database.pool.query("vacuum analyze events");
        const found = {
          load_per_second: (rows - from) / seconds,
          ...(await sizes(temporary.database, rows)),
          ...(await rates(temporary.database, millions)),
        };
        say(`${millions} million: ${JSON.stringify(found)}`);
        for (const [name, value] of Object.entries(found)) {
          figures[`events_${millions}m_${name}`] = value;
        }
      }
      return figures;
    } finally {
      await temporary.stop();
    }
  },
} satisfies Benchmark;

/** A million events more, as the API's look: an id of 32 digits, a tenth as many users. */
async function grow(database: Database, from: number): Promise<void> {
  await database.pool.query(
    `insert into events (event_id, user_id, item_id, type, value, occurred_at, source)
     select md5(n::text), 'user-' || (hashint8(n) & 2147483647) % (100000 + n / 10),
       'item-' || (hashint8(n * 7) & 2147483647) % 20000, 'rate', 1 + n % 5,
       timestamptz '2025-01-01' + n * interval '1 second', 'api'
     from generate_series($1::bigint + 1, $1::bigint + $2::bigint) as n`,
    [from, CHUNK],
  );
}

/** Bytes a row, of the table and of each index. */
async function sizes(database: Database, rows: number): Promise<Figures> {
  const { rows: found } = await database.pool.query(
    `select relname as name, pg_relation_size(oid)::double precision as bytes from pg_class
     where relname = 'events' or oid in
       (select indexrelid from pg_index where indrelid = 'events'::regclass) order by 1`,
  );
  const named = (found as { name: string; bytes: number }[]).map(
    ({ name, bytes }) => [`bytes_${name}`, bytes / rows] as const,
  );
  return Object.fromEntries(named);
}

/** How fast the table takes batches at this size, and how long its readers take. */
async function rates(database: Database, seed: number): Promise<Figures> {
  const insert = await timed(async () => {
    for (const batch of newBatches(seed)) await insertEvents(database, batch, "bench");
  });
  let top = 0;
  const watermark = await timed(async () => {
    top = await takeWatermark(database);
  });
  const partition = await timed(() => readPartition(database, top - PARTITION, top));
  const user = await timed(() =>
    database.pool.query("select * from events where user_id = 'user-77' order by seq"),
  );
  const erased = await timed(() =>
    database.pool.query("delete from events where user_id = 'user-78'"),
  );
  return {
    insert_per_second: (BATCHES * BATCH) / (insert / 1000),
    watermark_ms: watermark,
    partition_ms: partition,
    user_ms: user,
    erase_ms: erased,
  };
}

function* newBatches(seed: number): Generator<NewEvent[]> {
  const events = makeEvents(BATCHES * BATCH, seededRandom(seed));
  for (let at = 0; at < events.length; at += BATCH) {
    yield events.slice(at, at + BATCH).map((event) => ({
      ...event,
      eventId: `${seed}-${event.eventId}`,
      value: event.value ?? null,
      minutes: event.minutes ?? null,
      share: null,
      requestId: null,
    }));
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
