import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isArchivedSince, listArchivedFiles } from "../../drizzle/archived-files.ts";
import { datasetFacts } from "../../drizzle/dataset-facts.ts";
import { eraseUser } from "../../drizzle/erasures.ts";
import { ensurePartitions, eventPartitions } from "../../drizzle/event-partitions.ts";
import { traceEvent } from "../../drizzle/event-trace.ts";
import { insertEvents, type NewEvent } from "../../drizzle/events.ts";
import { readEvents, takeWatermark } from "../../drizzle/snapshot.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../../local/temporary-database.ts";
import { buildDataset } from "../dataset.ts";
import { compactSnapshots } from "../snapshots/compact.ts";
import { folderStore } from "../snapshots/folder-store.ts";
import { partKey } from "../snapshots/snapshot-manifest.ts";
import type { SnapshotStore } from "../snapshots/store.ts";
import { takeSnapshot } from "../snapshots/take-snapshot.ts";
import { archiveCandidates, archiveEvents } from "./archive-events.ts";
import { archivedEvent, archivedEvents, readAllEvents } from "./archived-events.ts";
import { rewriteArchive } from "./rewrite-archive.ts";

const SIZE = 1_000;
const RANGE = 250;
const START = 1_700_000_000_000;

let temporary: TemporaryDatabase;
let store: SnapshotStore;
beforeEach(async () => {
  temporary = await startTemporaryDatabase();
  store = folderStore(path.join(temporary.folder, "store"));
  await temporary.database.pool.query("drop table events_from_1");
  await ensurePartitions(temporary.database, { from: 1, to: 3_000 }, SIZE);
  await insertEvents(temporary.database, events(0, 2_500), "test");
});
afterEach(() => temporary?.stop());

function events(from: number, to: number): NewEvent[] {
  return Array.from({ length: to - from }, (_, at): NewEvent => {
    const i = from + at;
    const rated = i % 3 !== 0;
    return {
      eventId: `event-${i}`,
      userId: `user ${i % 89}`,
      itemId: `ítem "${(i * i) % 211}"`,
      type: rated ? "rate" : "play",
      value: rated ? 0.5 + (i % 46) / 10 : null,
      minutes: rated ? null : (i % 180) + 0.1,
      share: rated ? null : (i % 10) / 10,
      occurredAt: START + i * 1_000,
      requestId: i % 5 === 0 ? `request-${i}` : null,
    };
  });
}

async function archiveAll(): Promise<void> {
  const watermark = await takeWatermark(temporary.database);
  for (const candidate of await archiveCandidates(temporary.database, watermark, Infinity)) {
    if (candidate.stays === null)
      await archiveEvents(temporary.database, store, candidate, undefined, RANGE);
  }
}

async function inTable(): Promise<number> {
  const { rows } = await temporary.database.pool.query("select count(*)::int as n from events");
  return (rows[0] as { n: number }).n;
}

async function datasetHash(): Promise<string> {
  const watermark = await takeWatermark(temporary.database);
  const batches = readAllEvents(temporary.database, store, watermark);
  return (await buildDataset(batches, { watermark })).hash;
}

test("full partitions leave, and versions, facts and datasets stay what they were", async () => {
  const { database } = temporary;
  const watermark = await takeWatermark(database);
  const before = await takeSnapshot(database, store, watermark, RANGE);
  const middle = await takeSnapshot(database, store, 1_700, RANGE);
  const dataset = (await buildDataset(readEvents(database, watermark), { watermark })).hash;
  await archiveAll();
  expect(await inTable()).toBe(500);
  expect(await eventPartitions(database.db)).toMatchObject([{ from: 2_001, to: 3_000 }]);
  expect((await listArchivedFiles(database)).map(({ rows }) => rows)).toEqual(Array(8).fill(250));
  expect(await takeWatermark(database)).toBe(watermark);
  const after = await takeSnapshot(database, store, watermark, RANGE);
  expect(after.hash).toBe(before.hash);
  expect(after.partsReused).toBe(before.manifest.parts.length);
  // A watermark in the middle of an archived file.
  expect((await takeSnapshot(database, store, 1_700, RANGE)).hash).toBe(middle.hash);
  expect(await datasetHash()).toBe(dataset);
});

test("events of the archive are known when they come again", async () => {
  await archiveAll();
  const again = await insertEvents(temporary.database, events(0, 2_501), "again");
  expect(again).toEqual({ inserted: 1 });
  expect(await inTable()).toBe(501);
});

test("a watermark stands when every event has left the table", async () => {
  await insertEvents(temporary.database, events(2_500, 3_000), "test");
  await archiveAll();
  expect(await inTable()).toBe(0);
  expect(await takeWatermark(temporary.database)).toBe(3_000);
  await insertEvents(temporary.database, events(3_000, 3_001), "test");
  expect(await takeWatermark(temporary.database)).toBeGreaterThan(3_000);
});

test("a partition stays while it grows, is too new, or an experiment is judged by it", async () => {
  const { database } = temporary;
  const stays = async (before: number) =>
    (await archiveCandidates(database, 2_500, before)).map((candidate) => candidate.stays);
  expect(await stays(Infinity)).toEqual([null, null, "growing"]);
  // Stored a moment ago, however long ago it happened.
  expect(await stays(START + 10_000_000)).toEqual(["too new", "too new", "growing"]);
  await database.pool.query(
    "update events set ingested_at = to_timestamp($1::float8 / 1000) where seq <= 2000",
    [START],
  );
  expect(await stays(START + 1_500_000)).toEqual([null, "too new", "growing"]);
  await database.pool.query(
    `insert into experiments (id, name, arms, salt, status, started_at)
     values ('x', 'x', '[]', 's', 'running', to_timestamp($1::float8 / 1000))`,
    [START + 1_200_000],
  );
  expect(await stays(Infinity)).toEqual([null, "experiment", "growing"]);
});

test("an experiment's events are told to be archived from its start on", async () => {
  const { database } = temporary;
  await archiveAll();
  expect(await isArchivedSince(database, new Date(START + 1_999_000))).toBe(true);
  expect(await isArchivedSince(database, new Date(START + 1_999_001))).toBe(false);
});

test("a user who is erased is left out at once, and taken out by compacting", async () => {
  const { database } = temporary;
  const watermark = await takeWatermark(database);
  await takeSnapshot(database, store, watermark, RANGE);
  await archiveAll();
  await eraseUser(database, "user 5", "tomb");
  for await (const batch of readAllEvents(database, store, watermark)) {
    expect(batch.filter(({ userId }) => userId === "user 5")).toEqual([]);
  }
  const whole = await datasetHash();
  expect(await rewriteArchive(database, store)).toBe(8);
  expect(await rewriteArchive(database, store)).toBe(0);
  const { rewritten } = await compactSnapshots(database, store, RANGE);
  expect(Object.keys(rewritten)).toHaveLength(1);
  for (const key of await store.list("parts/")) {
    const text = new TextDecoder().decode((await store.read(key))!);
    expect(text).not.toContain("user 5\u0000");
  }
  let left = 0;
  for await (const batch of archivedEvents(database, store, watermark)) left += batch.length;
  const rows = (await listArchivedFiles(database)).reduce((sum, file) => sum + file.rows, 0);
  expect(rows).toBe(left);
  expect(await datasetHash()).toBe(whole);
  // Neither the events nor their ids are kept, and yet nothing comes back.
  const { rows: ids } = await database.pool.query("select count(*)::int as n from event_ids");
  expect(ids).toEqual([{ n: left + (await inTable()) }]);
  expect(await insertEvents(database, events(0, 2_500), "again")).toEqual({ inserted: 0 });
});

test("somebody erased while files are compared is not in the archive", async () => {
  const { database } = temporary;
  const [first] = await eventPartitions(database.db);
  let erased = false;
  const erase = async () => {
    if (erased) return;
    erased = true;
    await eraseUser(database, "user 7", "tomb");
  };
  const pending: Promise<void>[] = [];
  const files = await archiveEvents(database, store, first!, () => pending.push(erase()), RANGE);
  await Promise.all(pending);
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const found: string[] = [];
  for await (const batch of archivedEvents(database, store, SIZE)) {
    found.push(...batch.map(({ userId }) => userId));
  }
  expect(found).not.toContain("user 7");
  expect([SIZE, SIZE - 12, SIZE - 11]).toContain(rows);
});

test("a file that was changed or is missing is named, and nothing is read past it", async () => {
  const { database } = temporary;
  await archiveAll();
  const [file] = await listArchivedFiles(database);
  const key = path.join(temporary.folder, "store", partKey(file!.sha256));
  const all = async () => {
    for await (const _ of archivedEvents(database, store, SIZE));
  };
  await writeFile(key, "something else");
  await expect(all()).rejects.toMatchObject({ code: "ARCHIVE_DAMAGED" });
  await store.delete(partKey(file!.sha256));
  await expect(all()).rejects.toThrow(/is missing/);
});

test("a store that keeps something else leaves the table as it was", async () => {
  const { database } = temporary;
  const [first] = await eventPartitions(database.db);
  const forgetful: SnapshotStore = { ...store, write: async () => {} };
  await expect(archiveEvents(database, forgetful, first!, undefined, RANGE)).rejects.toMatchObject({
    code: "ARCHIVE_DAMAGED",
  });
  expect(await inTable()).toBe(2_500);
});

test("an event is found in the archive, by number and by id", async () => {
  const { database } = temporary;
  await archiveAll();
  const read = (seq: number) => archivedEvent(database, store, seq);
  expect(await read(778)).toMatchObject({ seq: 778, eventId: "event-777" });
  expect(await read(2_400)).toBeNull();
  const trace = await traceEvent(database, "event-777", read);
  expect(trace).toMatchObject({ seq: 778, type: "play", storedAt: null, source: "test" });
  expect(trace).toMatchObject({ occurredAt: new Date(START + 777_000).toISOString() });
  const live = await traceEvent(database, "event-2400", read);
  expect(live).toMatchObject({ seq: 2_401, storedAt: expect.any(String) });
  expect(await traceEvent(database, "none", read)).toBeNull();
});

test("versions of archived events count as Postgres counts them", async () => {
  const { database } = temporary;
  const expected = await datasetFacts(database, 2_100);
  await archiveAll();
  const { manifest } = await takeSnapshot(database, store, 2_100, RANGE);
  expect(manifest.facts).toEqual(expected);
});
