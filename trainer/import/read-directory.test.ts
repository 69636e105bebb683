import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDirectory } from "./read-directory.ts";
import { BATCH_ROWS, type ReadBatch } from "./read-source.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "usher-read-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const HEADER = "userId,movieId,rating,timestamp";

/** A new folder with these files. */
async function folderWith(files: Record<string, string | Uint8Array>): Promise<string> {
  const dir = await mkdtemp(path.join(root, "data-"));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(dir, name)), { recursive: true });
    await writeFile(path.join(dir, name), content);
  }
  return dir;
}

async function readAll(dir: string) {
  const reading = await readDirectory(dir);
  const batches: ReadBatch[] = [];
  for await (const batch of reading.batches) batches.push(batch);
  return {
    ...reading,
    batches,
    ratings: batches.flatMap((batch) => batch.ratings),
    items: batches.flatMap((batch) => batch.items),
    bad: batches.flatMap((batch) => batch.bad),
  };
}

test("MovieLens csv: byte order mark, CRLF, blank lines at the end", async () => {
  const dir = await folderWith({
    "ratings.csv": `\ufeff${HEADER}\r\n1,31,2.5,1260759144\r\n2,31,4,1260759145\r\n\r\n\r\n`,
    "movies.csv": 'movieId,title,genres\r\n31,"Dangerous, Minds (1995)",Drama\r\n',
    "tags.csv": "not read",
  });
  const read = await readAll(dir);
  expect(read).toMatchObject({ format: "movielens-csv", files: ["movies.csv", "ratings.csv"] });
  expect(read.counts).toMatchObject({ ratings: 2, items: 1, badRows: 0, reasons: {} });
  expect(read.ratings[0]).toEqual({
    userId: "1",
    itemId: "31",
    value: 2.5,
    occurredAt: 1_260_759_144_000,
  });
  expect(read.items[0]?.title).toBe("Dangerous, Minds (1995)");
  expect(read.batches.at(-1)?.bytesRead).toBe(read.bytes);
});

test("MovieLens 1M as published: ratings.dat, titles in latin1, users.dat left alone", async () => {
  const dir = await folderWith({
    "ratings.dat": "1::1193::5::978300760\n2::661::3::978302109\n",
    "movies.dat": Buffer.from("661::Misérables, Les (1995)::Drama|Musical\n", "latin1"),
    "users.dat": "1::F::1::10::48067\n",
  });
  const read = await readAll(dir);
  expect(read).toMatchObject({ format: "movielens-dat", files: ["movies.dat", "ratings.dat"] });
  expect(read.ratings).toHaveLength(2);
  expect(read.items[0]?.title).toBe("Misérables, Les (1995)");
});

test("MovieLens 100K", async () => {
  const dir = await folderWith({ "u.data": "196\t242\t3\t881250949\n" });
  expect(await readAll(dir)).toMatchObject({
    format: "movielens-100k",
    ratings: [{ userId: "196", itemId: "242", value: 3 }],
  });
});

test("interaction lists: ids come from the lists, titles from movies.dat", async () => {
  const dir = await folderWith({
    "train.txt": "0 0 1\n1 1\n",
    "test.txt": "0 2\n",
    "item_list.txt": "1193\t0\n661\t1\n914\t2\n",
    "user_list.txt": "anna\t0\nben\t1\n",
    "movies.dat": "661::James and the Giant Peach (1996)::Animation\n",
  });
  const read = await readAll(dir);
  expect(read.format).toBe("interaction-lists");
  expect(read.ratings.map(({ userId, itemId }) => `${userId} ${itemId}`)).toEqual([
    "anna 1193",
    "anna 661",
    "ben 661",
    "anna 914",
  ]);
});

test("a csv with half of its rows broken gives the good half, and names every bad line", async () => {
  const good = (i: number) => `${i},31,4,1260759144`;
  const broken = (i: number) => [`${i},31,9,7`, `${i},31`, `"${i},31,4,7`, ""][i % 3] as string;
  // All broken rows come first: more than a batch of them must not end the reading.
  const lines = [
    ...Array.from({ length: 6000 }, (_, i) => broken(i)),
    ...Array.from({ length: 6000 }, (_, i) => good(i)),
  ];
  const read = await readAll(await folderWith({ "ratings.csv": [HEADER, ...lines].join("\n") }));
  expect(read.counts).toMatchObject({ ratings: 6000, badRows: 6000 });
  expect(Object.values(read.counts.reasons)).toEqual([2000, 2000, 2000]);
  expect(read.bad[0]).toEqual({
    file: "ratings.csv",
    line: 2,
    raw: "0,31,9,7",
    reason: "the rating is outside 0.5..5",
  });
  expect(read.bad.at(-1)?.line).toBe(6001);
  for (const batch of read.batches) {
    expect(Math.max(batch.ratings.length, batch.bad.length)).toBeLessThanOrEqual(BATCH_ROWS);
  }
});

test("what is kept of a bad line ends at 2,000 characters", async () => {
  const long = `1,31,4,${"x".repeat(5000)}`;
  const read = await readAll(await folderWith({ "ratings.csv": `${HEADER}\n${long}\n` }));
  expect(read.bad[0]?.raw).toBe(long.slice(0, 2000));
});

test("a list that is longer than a batch is cut into several", async () => {
  const items = Array.from({ length: 2 * BATCH_ROWS + 1 }, (_, i) => i);
  const read = await readAll(await folderWith({ "train.txt": `7 ${items.join(" ")}\n` }));
  const sizes = read.batches.map((batch) => batch.ratings.length).filter((size) => size > 0);
  expect(sizes).toEqual([BATCH_ROWS, BATCH_ROWS, 1]);
});

test("the same user and item twice are both read", async () => {
  const rows = `${HEADER}\n1,31,2,1\n1,31,4,2\n`;
  expect((await readAll(await folderWith({ "ratings.csv": rows }))).ratings).toHaveLength(2);
});

describe("an error says what was looked for, what was found and what to do", () => {
  async function errorOf(dir: string): Promise<{ code: string; message: string }> {
    return readAll(dir).then(
      () => ({ code: "none", message: "" }),
      (error) => error,
    );
  }

  test("a folder that is not there", async () => {
    const missing = path.join(root, "nowhere");
    const error = await errorOf(missing);
    expect(error.code).toBe("IMPORT_FOLDER_MISSING");
    expect(error.message).toContain(`no folder ${missing}`);
    expect(error.message).toContain("ratings.csv (movielens-csv: userId,movieId,rating,timestamp)");
  });

  test("a file in place of a folder", async () => {
    const dir = await folderWith({ "ratings.csv": HEADER });
    const error = await errorOf(path.join(dir, "ratings.csv"));
    expect(error.message).toContain(`is a file. Give the folder that holds it: ${dir}. For`);
    expect(error.message).toContain("--mapping FILE says which column is which");
  });

  test("an empty folder", async () => {
    const error = await errorOf(await folderWith({}));
    expect(error.code).toBe("IMPORT_FOLDER_EMPTY");
    expect(error.message).toContain("u.data");
  });

  test("a folder of something else", async () => {
    const error = await errorOf(await folderWith({ "songs.csv": "a", "readme.md": "b" }));
    expect(error.code).toBe("IMPORT_FORMAT_UNKNOWN");
    expect(error.message).toContain("Looked for ratings.csv");
    expect(error.message).toContain("Found readme.md, songs.csv. For files of your own, --mapping");
  });

  test("a folder with ratings that are still packed", async () => {
    const error = await errorOf(await folderWith({ "ratings.csv.gz": "\x1f\x8b" }));
    expect(error.message).toContain("ratings.csv.gz is packed: unpack it first.");
  });

  test("a ratings.csv that is no text, told without what would upset a terminal", async () => {
    const utf16 = Buffer.from(`${HEADER}\n1,31,2.5,7\n\x1b[2J`, "utf16le");
    const error = await errorOf(await folderWith({ "ratings.csv": utf16 }));
    expect(error.code).toBe("IMPORT_HEADER");
    expect(error.message).toContain("which is no text in UTF-8");
    expect(error.message).not.toMatch(/\p{Cc}/u);
  });

  test("the folder around the one that was meant", async () => {
    const dir = await folderWith({ "ml-1m/ratings.dat": "1::1::5::7\n" });
    const error = await errorOf(dir);
    expect(error.message).toContain(`Did you mean the folder inside it, ${dir}/ml-1m?`);
  });

  test.each([
    ["without its header", "1,31,2.5,1260759144\n", '"1,31,2.5,1260759144"'],
    ["with other columns", "user,item,stars\n1,31,4\n", '"user,item,stars"'],
    ["that is empty", "", "an empty line"],
  ])("a ratings.csv %s", async (_, content, found) => {
    const dir = await folderWith({ "ratings.csv": content });
    const error = await errorOf(dir);
    expect(error.code).toBe("IMPORT_HEADER");
    expect(error.message).toContain(`${dir}/ratings.csv:1: it has no column userId`);
    expect(error.message).toContain(`Looked for a header line with ${HEADER}; found ${found}.`);
  });

  test.each([
    ["u.data", "196,242,3,881250949\n", "user id TAB item id TAB rating TAB timestamp"],
    ["ratings.dat", "1|1193|5|978300760\n", "UserID::MovieID::Rating::Timestamp"],
    ["train.txt", "once upon a time\n", "user item item …"],
  ])("a %s with lines of another form", async (file, content, layout) => {
    const error = await errorOf(await folderWith({ [file]: content }));
    expect(error.code).toBe("IMPORT_COLUMNS");
    expect(error.message).toContain(`Looked for lines like "${layout}"`);
    expect(error.message).toContain(`found, in line 1, "${content.trim()}"`);
  });

  test("an id list of another form, which would give wrong ids", async () => {
    const dir = await folderWith({ "train.txt": "0 1\n", "item_list.txt": "1193;0\n" });
    expect((await errorOf(dir)).code).toBe("IMPORT_COLUMNS");
  });

  test.each([
    ["ratings.csv", `${HEADER}\n\n`],
    ["u.data", "\n"],
  ])("a %s without ratings", async (file, content) => {
    const error = await errorOf(await folderWith({ [file]: content }));
    expect(error.code).toBe("IMPORT_NO_RATINGS");
    expect(error.message).toContain(file);
  });
});
