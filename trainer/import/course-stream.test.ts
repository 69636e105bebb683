import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { courseStream } from "../../events/formats/course-stream.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../../local/temporary-database.ts";
import { seededRandom, shuffle } from "../random.ts";
import { importDirectory, importReading } from "./import-directory.ts";
import { readStream } from "./read-directory.ts";

let temporary: TemporaryDatabase;
beforeAll(async () => {
  temporary = await startTemporaryDatabase();
});
afterAll(() => temporary?.stop());
beforeEach(() =>
  temporary.database.pool.query("truncate events, event_ids, users, quarantine, served_lists"),
);

/** Lines of each kind, and what is to become of them. */
const COUNTS = {
  ratings: 40_000,
  sittings: 4_000,
  minutesOfASitting: 35,
  recommendations: 5_000,
  missingFields: 4_000,
  foreignServers: 3_000,
  badRatings: 4_000,
  badTimes: 2_000,
  unknownRequests: 2_000,
};
const START = Date.UTC(2025, 0, 1);

/** 200,000 lines, a tenth of them dirty, a tenth of the minutes out of order. */
function* lines(): Generator<string> {
  const random = seededRandom(11);
  const at = (i: number) => new Date(START + i * 1000).toISOString().slice(0, 19);
  const item = (i: number) => ["heat+1995", "amélie+2001", "千と千尋+2001", "it+2017"][i % 4]!;
  for (let i = 0; i < COUNTS.ratings; i++) {
    const line = `${at(i)},${i},GET /rate/${item(i)}=${1 + (i % 5)}`;
    // Spaces around fields are no fault.
    yield i % 10 === 0 ? `  ${line.replaceAll(",", " , ")}  ` : line;
  }
  for (let i = 0; i < COUNTS.sittings; i++) {
    const minutes = Array.from({ length: COUNTS.minutesOfASitting }, (_, minute) => minute + 1);
    if (i % 10 === 0) shuffle(minutes, random);
    for (const minute of minutes) {
      yield `${at(100_000 + i * 4_000 + minute * 60)},${i},GET /data/m/${item(i)}/${minute}.mpg`;
    }
  }
  const shown = (host: string, i: number) =>
    `${at(i)}.122692921,${i},recommendation request ${host}, status 200, result: heat+1995, it+2017, 45 ms`;
  for (let i = 0; i < COUNTS.recommendations; i++) yield shown("ours:8082", i);
  for (let i = 0; i < COUNTS.foreignServers; i++) yield shown("theirs:8082", i);
  for (let i = 0; i < COUNTS.missingFields; i++) {
    yield i % 2 === 0 ? `${at(i)},GET /rate/heat+1995=3` : `${at(i)},,GET /rate/heat+1995=3`;
  }
  for (let i = 0; i < COUNTS.badRatings; i++) yield `${at(i)},${i},GET /rate/heat+1995=${i + 6}`;
  for (let i = 0; i < COUNTS.badTimes; i++) yield `yesterday,${i},GET /rate/heat+1995=3`;
  for (let i = 0; i < COUNTS.unknownRequests; i++) yield `${at(i)},${i},GET /login?user=${i}`;
}

async function* chunks(): AsyncGenerator<string> {
  let text = "";
  for (const line of lines()) {
    text += `${line}\n`;
    if (text.length < 65_536) continue;
    yield text;
    text = "";
  }
  yield text;
}

test("200,000 lines, dirty ones included, come to the counts of each kind", async () => {
  expect([...lines()]).toHaveLength(200_000);
  const format = courseStream(["-"], { hosts: ["ours:8082"] });
  const reading = readStream(Readable.from(chunks()), "stdin", format);
  const summary = await importReading(temporary.database, reading);
  expect(summary).toEqual({
    format: "course-stream",
    files: ["stdin"],
    rows: COUNTS.ratings + COUNTS.sittings,
    inserted: COUNTS.ratings + COUNTS.sittings,
    duplicates: 0,
    quarantined: 15_000,
    items: 0,
    users: 0,
    shown: COUNTS.recommendations,
    reasons: {
      "the line has not the fields time, user and request": COUNTS.missingFields / 2,
      "the user id is empty": COUNTS.missingFields / 2,
      "the recommendation is another server's": COUNTS.foreignServers,
      "the rating is not 1, 2, 3, 4 or 5": COUNTS.badRatings,
      "the time is neither ISO 8601 nor epoch milliseconds": COUNTS.badTimes,
      "the request is none of rate, data and recommendation": COUNTS.unknownRequests,
    },
  });
  const { rows } = await temporary.database.pool.query(
    "select type, count(*)::int as count, max(minutes) as minutes from events group by 1 order by 1",
  );
  expect(rows).toEqual([
    { type: "rate", count: COUNTS.ratings, minutes: null },
    { type: "play", count: COUNTS.sittings, minutes: COUNTS.minutesOfASitting },
  ]);
  const shown = await temporary.database.pool.query(
    "select user_id, items, experiment_id, served_at from served_lists order by served_at",
  );
  expect(shown.rows).toHaveLength(COUNTS.recommendations);
  expect(shown.rows[1]).toEqual({
    user_id: "1",
    items: ["heat+1995", "it+2017"],
    experiment_id: null,
    served_at: new Date(START + 1_122),
  });
}, 120_000);

test("a folder with a stream is recognised by its lines, and imported twice it is there once", async () => {
  const dir = path.join(temporary.folder, "stream");
  await mkdir(dir);
  const some = [...lines()].filter((_, index) => index % 100 === 0).join("\n");
  await writeFile(path.join(dir, "movielog3.txt"), some);
  const first = await importDirectory(temporary.database, dir);
  expect(first).toMatchObject({ format: "course-stream", files: ["movielog3.txt"] });
  expect(first.inserted).toBeGreaterThan(400);
  const kept = () => temporary.database.pool.query("select id from served_lists order by 1");
  const { rows: lists } = await kept();
  expect(lists).toHaveLength(COUNTS.recommendations / 100);
  const again = await importDirectory(temporary.database, dir);
  expect(again).toMatchObject({ inserted: 0, duplicates: first.inserted });
  expect((await kept()).rows).toEqual(lists);
});
