import { mkdtemp, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Database, openDatabase } from "../../drizzle/database.ts";
import { countStored } from "../../drizzle/events.ts";
import { readItems } from "../../drizzle/items.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../../local/temporary-database.ts";
import { type ImportProgress, importDirectory } from "./import-directory.ts";

const HEADER = "userId,movieId,rating,timestamp";

let temporary: TemporaryDatabase;
let database: Database;

beforeAll(async () => {
  temporary = await startTemporaryDatabase();
  database = temporary.database;
});

afterAll(() => temporary?.stop());

beforeEach(async () => {
  await database.pool.query(
    "truncate events, event_ids, users, items, quarantine restart identity",
  );
});

async function folderWith(files: Record<string, string>): Promise<string> {
  const dir = await mkdtemp(path.join(temporary.folder, "data-"));
  for (const [name, content] of Object.entries(files)) {
    await writeFile(path.join(dir, name), content);
  }
  return dir;
}

/** 12,000 ratings of 300 users: more than two batches. */
function manyRatings(): string {
  const lines = Array.from(
    { length: 12_000 },
    (_, i) => `${i % 300},${Math.floor(i / 300)},${(i % 10) / 2 + 0.5},${1_260_759_144 + i}`,
  );
  return [HEADER, ...lines].join("\n");
}

test("ratings become events and items; the same files again insert nothing and say so", async () => {
  const dir = await folderWith({
    "ratings.csv": manyRatings(),
    "movies.csv": "movieId,title,genres\n0,Toy Story (1995),Comedy\n",
  });
  const first = await importDirectory(database, dir);
  expect(first).toEqual({
    users: 0,
    shown: 0,
    format: "movielens-csv",
    files: ["movies.csv", "ratings.csv"],
    rows: 12_000,
    inserted: 12_000,
    duplicates: 0,
    quarantined: 0,
    items: 1,
    reasons: {},
  });
  expect(await importDirectory(database, dir)).toMatchObject({
    rows: 12_000,
    inserted: 0,
    duplicates: 12_000,
  });
  expect(await countStored(database)).toEqual({
    events: 12_000,
    users: 300,
    items: 1,
    quarantined: 0,
  });
  expect(await readItems(database)).toEqual([
    { itemId: "0", title: "Toy Story (1995)", categories: ["Comedy"], year: 1995 },
  ]);
});

test("bad rows go to quarantine with file, line and text, once; the others are stored", async () => {
  const dir = await folderWith({
    "ratings.csv": `${HEADER}\n1,31,2.5,1260759144\n1,32,11,7\n1,33\n2,31,4,1260759145\n`,
  });
  const summary = await importDirectory(database, dir);
  expect(summary).toMatchObject({ inserted: 2, quarantined: 2 });
  expect(summary.reasons).toEqual({
    "the rating is outside 0.5..5": 1,
    "the line has not as many fields as the header": 1,
  });
  await importDirectory(database, dir);
  const kept = await database.pool.query(
    "select source, line, raw, reason from quarantine order by line",
  );
  expect(kept.rows).toEqual([
    {
      source: "import:movielens-csv/ratings.csv",
      line: 3,
      raw: "1,32,11,7",
      reason: "the rating is outside 0.5..5",
    },
    {
      source: "import:movielens-csv/ratings.csv",
      line: 4,
      raw: "1,33",
      reason: "the line has not as many fields as the header",
    },
  ]);
});

test("a user who rated an item twice has two events, in the order of the file", async () => {
  const dir = await folderWith({ "ratings.csv": `${HEADER}\n1,31,2,9\n1,31,5,9\n` });
  expect(await importDirectory(database, dir)).toMatchObject({ inserted: 2 });
  const stored = await database.pool.query("select value from events order by seq");
  expect(stored.rows).toEqual([{ value: 2 }, { value: 5 }]);
});

test("interactions without values are views of 1970", async () => {
  const dir = await folderWith({ "train.txt": "7 31 32\n" });
  expect(await importDirectory(database, dir)).toMatchObject({ inserted: 2 });
  const stored = await database.pool.query("select type, value, occurred_at, source from events");
  expect(stored.rows[0]).toEqual({
    type: "view",
    value: null,
    occurred_at: new Date(0),
    source: "import:interaction-lists",
  });
});

test("progress grows to the whole", async () => {
  const seen: ImportProgress[] = [];
  const dir = await folderWith({ "ratings.csv": manyRatings() });
  await importDirectory(database, dir, { onProgress: (progress) => seen.push(progress) });
  expect(seen.length).toBeGreaterThan(2);
  expect(seen.at(-1)).toEqual({ file: "ratings.csv", rows: 12_000, fraction: 1 });
  const fractions = seen.map(({ fraction }) => fraction);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
});

test("an import that the database breaks off is finished by running it again", async () => {
  const dir = await folderWith({ "ratings.csv": manyRatings() });
  const doomed = openDatabase(temporary.postgres.url, { wsProxy: temporary.postgres.wsProxy });
  const broken = importDirectory(doomed, dir, {
    onProgress: () => void doomed.close(),
  });
  await expect(broken).rejects.toThrow("Storing 5000 events failed");
  const { events } = await countStored(database);
  expect(events).toBe(5000);
  expect(await importDirectory(database, dir)).toMatchObject({
    inserted: 7000,
    duplicates: 5000,
  });
});

test("a folder that cannot be read changes nothing", async () => {
  const dir = await folderWith({ "ratings.csv": "1,31,4,7\n", "movies.csv": "movieId\n1\n" });
  await expect(importDirectory(database, dir)).rejects.toMatchObject({ code: "IMPORT_HEADER" });
  expect(await countStored(database)).toMatchObject({ events: 0, items: 0, quarantined: 0 });
});
