import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eraseUser } from "../../drizzle/erasures.ts";
import { insertEvents, type NewEvent } from "../../drizzle/events.ts";
import { takeWatermark } from "../../drizzle/snapshot.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../../local/temporary-database.ts";
import { compactSnapshots } from "./compact.ts";
import { diffPage } from "./diff-page.ts";
import { diffSnapshots, diffText } from "./diff-report.ts";
import { decodeEvents } from "./event-file.ts";
import { folderStore } from "./folder-store.ts";
import { partKey } from "./snapshot-manifest.ts";
import { listSnapshots, takeSnapshot } from "./take-snapshot.ts";

let one: TemporaryDatabase;
let other: TemporaryDatabase;
beforeAll(async () => {
  [one, other] = await Promise.all([startTemporaryDatabase(), startTemporaryDatabase()]);
});
afterAll(() => Promise.all([one?.stop(), other?.stop()]));

const RANGE = 1_000;

/** The events `from` to `to`, the same ones wherever they are made. */
function events(from: number, to: number): NewEvent[] {
  return Array.from({ length: to - from }, (_, at): NewEvent => {
    const i = from + at;
    const rated = i % 3 !== 0;
    return {
      eventId: `event-${i}`,
      userId: `user ${i % 97}`,
      itemId: `ítem "${(i * i) % 211}"`,
      type: rated ? "rate" : "play",
      value: rated ? 0.5 + (i % 10) / 2 : null,
      minutes: rated ? null : i % 180,
      share: null,
      occurredAt: 1_700_000_000_000 + i * 1_000,
      requestId: i % 5 === 0 ? `request-${i}` : null,
    };
  });
}

async function fill(temporary: TemporaryDatabase, from: number, to: number): Promise<number> {
  await insertEvents(temporary.database, events(from, to), "test");
  return takeWatermark(temporary.database);
}

test("the same watermark gives the same bytes from two clean states, whatever was taken before", async () => {
  const stores = [
    folderStore(path.join(one.folder, "a")),
    folderStore(path.join(other.folder, "b")),
  ];
  const first = await fill(one, 0, 2_300);
  const early = await takeSnapshot(one.database, stores[0]!, first, RANGE);
  const watermark = await fill(one, 2_300, 3_500);
  await fill(other, 0, 3_500);
  expect(watermark).toBe(3_500);
  const later = await takeSnapshot(one.database, stores[0]!, watermark, RANGE);
  const elsewhere = await takeSnapshot(other.database, stores[1]!, watermark, RANGE);
  expect(later.hash).toBe(elsewhere.hash);
  expect(later.hash).not.toBe(early.hash);
  // Two full ranges are shared; the third was not full before, and the fourth is new.
  expect(later.partsReused).toBe(2);
  expect(elsewhere.partsReused).toBe(0);
  expect(later.bytesWritten).toBeLessThan(elsewhere.bytesWritten);
  expect(await stores[0]!.list("parts/")).toHaveLength(5);
  expect((await listSnapshots(stores[0]!)).map(({ hash }) => hash)).toEqual([
    early.hash,
    later.hash,
  ]);
});

test("a file holds the events as they are stored", async () => {
  const store = folderStore(path.join(one.folder, "a"));
  const [, later] = await listSnapshots(store);
  const bytes = await store.read(partKey(later!.manifest.parts[1]!.sha256));
  const rows = await decodeEvents(bytes!);
  const sent = events(1_000, 2_000).map((event, at) => ({
    ...event,
    seq: 1_001 + at,
    source: "test",
  }));
  expect(rows).toEqual(sent);
});

test("the manifest tells counts, sources and distributions", async () => {
  const [, later] = await listSnapshots(folderStore(path.join(one.folder, "a")));
  expect(later!.manifest.facts).toMatchObject({
    events: 3_500,
    users: 97,
    types: { rate: 2_333, play: 1_167 },
    sources: [{ source: "test", events: 3_500, firstSeq: 1, lastSeq: 3_500 }],
    newestAt: 1_700_000_000_000 + 3_499_000,
    recent: { events: 350 },
  });
});

test("an erased user is in no snapshot taken after", async () => {
  const store = folderStore(path.join(one.folder, "a"));
  await eraseUser(one.database, "user 5", "tomb");
  const watermark = await takeWatermark(one.database);
  const after = await takeSnapshot(one.database, store, watermark, RANGE);
  expect(after.partsReused).toBe(0);
  for (const { sha256 } of after.manifest.parts) {
    const rows = await decodeEvents((await store.read(partKey(sha256)))!);
    expect(rows.filter(({ userId }) => userId === "user 5")).toEqual([]);
  }
});

test("a diff shows what changed, as text and as a page", async () => {
  const [early, later] = await listSnapshots(folderStore(path.join(one.folder, "a")));
  const diff = diffSnapshots(early!, later!);
  expect(diff).toMatchObject({ sharedParts: 2, drift: { eventsRatio: 3_500 / 2_300 } });
  const text = diffText(diff);
  expect(text).toMatch(/events\s+2,300\s+3,500 {2}\+52\.2 %/);
  const page = diffPage(diff);
  expect(page).toContain("<svg");
  expect(page).not.toMatch(/https?:|ítem "/);
  if (process.env["USHER_KEEP_DIFF"] !== undefined)
    await writeFile(process.env["USHER_KEEP_DIFF"], page);
});

test("compacting takes an erased user out of every version, and keeps what is shared", async () => {
  const store = folderStore(path.join(one.folder, "a"));
  await eraseUser(one.database, "user 6", "tomb");
  const before = await listSnapshots(store);
  const { rewritten, filesDeleted } = await compactSnapshots(one.database, store, RANGE);
  expect(Object.keys(rewritten).sort()).toEqual(before.map(({ hash }) => hash).sort());
  expect(filesDeleted).toBeGreaterThan(0);
  for (const { manifest } of await listSnapshots(store)) {
    for (const { sha256 } of manifest.parts) {
      const rows = await decodeEvents((await store.read(partKey(sha256)))!);
      expect(rows.filter(({ userId }) => /^user [56]$/.test(userId))).toEqual([]);
    }
  }
  expect(await compactSnapshots(one.database, store, RANGE)).toEqual({
    rewritten: {},
    filesDeleted: 0,
  });
});
