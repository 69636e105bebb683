import type { Database } from "../../drizzle/database.ts";
import { eraseUser } from "../../drizzle/erasures.ts";
import { ensurePartitions, PARTITION_SIZE } from "../../drizzle/event-partitions.ts";
import { FILE_RANGE, rangeCounts, readRange } from "../../drizzle/event-ranges.ts";
import { insertEvents, type NewEvent, recentInteractions } from "../../drizzle/events.ts";
import { takeWatermark } from "../../drizzle/snapshot.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../../local/temporary-database.ts";
import { seededRandom } from "../../trainer/random.ts";
import type { Benchmark, Figures } from "../benchmark.ts";
import { archiveFigures } from "./archive-figures.ts";
import { makeEvents } from "./event-traffic.ts";

/** Rows at which is measured, in tens of millions: a partition each. `USHER_PARTITIONS=1,3,10`. */
const PARTITIONS = process.env["USHER_PARTITIONS"] ?? "1,2";
const BATCH = 500;
const BATCHES = 40;
const DAY_MS = 86_400_000;

export default {
  title:
    "what a row of events costs, what gets slower as they grow, and what leaves for the archive",
  async run(say) {
    const temporary = await startTemporaryDatabase();
    const figures: Record<string, number> = {};
    try {
      let partitions = 0;
      for (const wanted of PARTITIONS.split(",").map(Number)) {
        const started = performance.now();
        const before = partitions;
        await loadPartitions(temporary.database, before, wanted);
        partitions = wanted;
        const seconds = (performance.now() - started) / 1000;
        const found = {
          load_per_second: ((wanted - before) * PARTITION_SIZE) / seconds,
          ...(await sizes(temporary.database, wanted * PARTITION_SIZE)),
          ...(await rates(temporary.database, wanted)),
        };
        say(`${wanted * 10} million: ${JSON.stringify(found)}`);
        add(figures, `events_${wanted * 10}m_`, found);
      }
      add(figures, "events_archive_", await archived(temporary, say));
      return figures;
    } finally {
      await temporary.stop();
    }
  },
} satisfies Benchmark;

function add(figures: Record<string, number>, prefix: string, found: Figures): void {
  for (const [name, value] of Object.entries(found)) figures[prefix + name] = value;
}

async function archived(temporary: TemporaryDatabase, say: (line: string) => void) {
  const found = await archiveFigures(temporary);
  say(`archive: ${JSON.stringify(found)}`);
  return found;
}

/**
 * Fills partitions as a bulk load does: rows first, indexes after, since only what follows is measured.
 * Events as the API's look, an id of 32 digits, a tenth as many users as events, one a second.
 */
async function loadPartitions(database: Database, from: number, to: number): Promise<void> {
  const { pool } = database;
  await pool.query("alter table event_ids drop constraint event_ids_pkey");
  for (let at = from; at < to; at++) {
    const first = at * PARTITION_SIZE + 1;
    const last = first + PARTITION_SIZE - 1;
    await ensurePartitions(database, { from: first, to: last });
    const table = `events_from_${first}`;
    await pool.query(`alter table events detach partition ${table}`);
    await pool.query(
      `create table loading (like ${table} including defaults including constraints)`,
    );
    await pool.query(`drop table ${table}`);
    await pool.query(`alter table loading rename to ${table}`);
    await pool.query(
      `insert into ${table} (seq, event_id, user_id, item_id, type, value, occurred_at, source)
       select n, md5(n::text), 'user-' || (hashint8(n) & 2147483647) % (100000 + n / 10),
         'item-' || (hashint8(n * 7) & 2147483647) % 20000, 'rate', 1 + n % 5,
         timestamptz '2020-01-01' + n * interval '1 second', 'api'
       from generate_series($1::bigint, $2::bigint) as n`,
      [first, last],
    );
    await pool.query(
      `alter table events attach partition ${table} for values from (${first}) to (${last + 1})`,
    );
    await pool.query(
      `insert into event_ids (id, seq)
       select encode(substring(sha256(convert_to(event_id, 'UTF8')) from 1 for 16), 'hex')::uuid, seq
       from ${table}`,
    );
  }
  await pool.query("alter table event_ids add primary key (id)");
  await pool.query("select setval('events_seq_seq', $1)", [to * PARTITION_SIZE]);
  await ensurePartitions(database, { from: to * PARTITION_SIZE + 1, to: to * PARTITION_SIZE + 1 });
  await pool.query("vacuum analyze events");
  await pool.query("vacuum analyze event_ids");
}

/** Bytes an event: of the table, of each of its indexes, and of its id. */
async function sizes(database: Database, rows: number): Promise<Figures> {
  const { rows: found } = await database.pool.query(
    `select case when indrelid is null then 'events' else
         regexp_replace(relname, '^events_from_\\d+_', '') end as name,
       sum(pg_relation_size(oid))::double precision as bytes
     from pg_class left join pg_index on indexrelid = oid
     where relname like 'events\\_from\\_%' group by 1
     union all select 'event_ids', pg_relation_size('event_ids')
     union all select 'event_ids_pkey', pg_relation_size('event_ids_pkey') order by 1`,
  );
  const named = (found as { name: string; bytes: number }[]).map(
    ({ name, bytes }) => [`bytes_${name}`, Number(bytes) / rows] as const,
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
  const now = Date.parse("2020-01-01") + seed * PARTITION_SIZE * 1000;
  const window = { now, sinceMs: now - 7 * DAY_MS, halfLifeMs: DAY_MS, limit: 200 };
  return {
    insert_per_second: (BATCHES * BATCH) / (insert / 1000),
    watermark_ms: watermark,
    range_ms: await timed(() => readRange(database, top - 2 * FILE_RANGE, top - FILE_RANGE)),
    counts_ms: await timed(() => rangeCounts(database, top, FILE_RANGE)),
    trending_ms: await timed(() => recentInteractions(database, window)),
    user_ms: await timed(() =>
      database.pool.query("select * from events where user_id = 'user-77' order by seq"),
    ),
    erase_ms: await timed(() => eraseUser(database, `user-${seed}`, "tomb")),
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
