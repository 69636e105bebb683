import { chmod, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pMap from "p-map";
import type { Database } from "../../drizzle/database.ts";
import { insertEvents, type NewEvent } from "../../drizzle/events.ts";
import { startTestCloud, type TestCloud } from "../../test/cloud.ts";
import { seededRandom } from "../../trainer/random.ts";
import type { Benchmark } from "../benchmark.ts";
import { makeEvents, type SentEvent, sendCall } from "./event-traffic.ts";

const EVENTS = 60_000;
const A_CALL = 1_000;

export default {
  title: `${EVENTS.toLocaleString("en")} events from HTTP to Postgres, beside COPY and batched insert`,
  async run(say) {
    const events = makeEvents(EVENTS, seededRandom(3));
    const cloud = await startTestCloud();
    try {
      const path = await throughThePath(cloud, events);
      say(`whole path: ${rate(path.perSecond)}, lag at the end ${path.lagMs.toFixed(0)} ms`);
      await cloud.database.pool.query("truncate events, event_ids, users");
      const insert = await batchedInsert(cloud.database, events);
      say(`batched insert: ${rate(insert)}`);
      await cloud.database.pool.query("truncate events, event_ids, users");
      const copy = await copied(cloud, events);
      say(`COPY: ${rate(copy)}`);
      return {
        events_per_second: path.perSecond,
        events_lag_ms: path.lagMs,
        events_insert_per_second: insert,
        events_copy_per_second: copy,
        events_vs_insert: path.perSecond / insert,
        events_vs_copy: path.perSecond / copy,
      };
    } finally {
      await cloud.stop();
    }
  },
} satisfies Benchmark;

async function throughThePath(cloud: TestCloud, events: readonly SentEvent[]) {
  const calls: SentEvent[][] = [];
  for (let at = 0; at < events.length; at += A_CALL) calls.push(events.slice(at, at + A_CALL));
  const started = performance.now();
  await pMap(calls, (call) => sendCall(cloud.api, call), { concurrency: 4 });
  const sent = performance.now();
  while ((await countEvents(cloud.database)) < events.length) await sleep(20);
  const stored = performance.now();
  return { perSecond: perSecond(started, stored), lagMs: stored - sent };
}

async function batchedInsert(database: Database, events: readonly SentEvent[]): Promise<number> {
  const rows = events.map(asRow);
  const started = performance.now();
  for (let at = 0; at < rows.length; at += A_CALL) {
    await insertEvents(database, rows.slice(at, at + A_CALL), "bench");
  }
  return perSecond(started, performance.now());
}

/** Postgres' own bulk load, into the same table with its indexes and constraints. */
async function copied({ database, scratch }: TestCloud, events: readonly SentEvent[]) {
  const file = path.join(scratch, "events.csv");
  const lines = events.map(asRow).map((row) => {
    const fields = [row.eventId, row.userId, row.itemId, row.type, row.value, row.minutes];
    return [...fields, new Date(row.occurredAt).toISOString(), "bench"].join(",");
  });
  await writeFile(file, lines.join("\n"));
  await chmod(file, 0o644);
  const columns = "event_id, user_id, item_id, type, value, minutes, occurred_at, source";
  const started = performance.now();
  await database.pool.query(`copy events (${columns}) from '${file}' with (format csv)`);
  const ended = performance.now();
  await rm(file);
  return perSecond(started, ended);
}

function asRow({ value, minutes, ...event }: SentEvent): NewEvent {
  return { ...event, value: value ?? null, minutes: minutes ?? null, share: null, requestId: null };
}

async function countEvents(database: Database): Promise<number> {
  const { rows } = await database.pool.query("select count(*)::int as count from events");
  return (rows[0] as { count: number }).count;
}

function perSecond(from: number, to: number): number {
  return (EVENTS / (to - from)) * 1000;
}

function rate(value: number): string {
  return `${Math.round(value).toLocaleString("en")} events/s`;
}
