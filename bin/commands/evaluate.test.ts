import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Progress, silentProgress } from "../progress.ts";
import { datasetOf } from "./evaluate.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "usher-evaluate-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function folderWith(file: string, ...lines: string[]): Promise<string> {
  const dir = await mkdtemp(path.join(root, "data-"));
  await writeFile(path.join(dir, file), `${lines.join("\n")}\n`);
  return dir;
}

/** Keeps what was said to be done. */
function listening(): Progress & { readonly said: string[] } {
  const said: string[] = [];
  return { ...silentProgress, done: (message) => said.push(message), said };
}

test("ratings with columns and a scale of their own are evaluated by their mapping", async () => {
  const dir = await folderWith("log.csv", "who;what;stars", "ada;1;10", "bob;2;1");
  const mapping = path.join(root, "shop.json");
  const source = {
    ...{ file: "log.csv", delimiter: ";", scale: { lowest: 1, highest: 10 } },
    fields: { userId: "who", itemId: "what", value: "stars" },
  };
  await writeFile(mapping, JSON.stringify({ sources: [source] }));
  const dataset = await datasetOf(dir, { mapping }, silentProgress);
  expect(dataset.userIds).toEqual(["ada", "bob"]);
  expect([...dataset.matrix.values]).toEqual([5, 0.5]);
});

test("it tells why rows were left out: the figures are of the others alone", async () => {
  const rows = ["1,31,4", "1,32,8", "2,31,10", "2,32,x"];
  const dir = await folderWith("ratings.csv", "userId,movieId,rating", ...rows);
  const progress = listening();
  await datasetOf(dir, {}, progress);
  expect(progress.said).toEqual([
    "1 interactions of 1 users with 1 items, 3 bad rows left out" +
      "\n    2 × the rating is outside 0.5..5\n    1 × the rating is not a number",
  ]);
});

test("where every row is bad, the error gives the reasons", async () => {
  const dir = await folderWith("ratings.csv", "userId,movieId,rating", "1,31,80", "2,31,100");
  await expect(datasetOf(dir, {}, silentProgress)).rejects.toMatchObject({
    code: "IMPORT_NO_RATINGS",
    message: expect.stringMatching(/2 bad rows left out\n {4}2 × the rating is outside 0\.5\.\.5/),
  });
});

test("a mapping beside a named format is refused: one of the two would be ignored", async () => {
  const dir = await folderWith("ratings.csv", "userId,movieId,rating", "1,31,4");
  const both = datasetOf(dir, { format: "gorse", mapping: "shop.json" }, silentProgress);
  await expect(both).rejects.toMatchObject({ code: "IMPORT_SOURCE" });
});
