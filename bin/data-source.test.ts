import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { homeAt } from "../local/home.ts";
import { isImported, noteImported } from "./data-source.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "usher-source-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test("a folder counts as imported while its files and its mapping stay as they were", async () => {
  const home = homeAt(root);
  const data = await mkdtemp(path.join(root, "data-"));
  const mapping = path.join(root, "shop.json");
  await writeFile(path.join(data, "log.csv"), "who,what\n");
  await writeFile(mapping, "{}");
  await noteImported(home, data, mapping);
  expect(await isImported(home, data, mapping)).toBe(true);
  expect(await isImported(home, data)).toBe(false);
  await writeFile(mapping, '{ "sources": [] }');
  expect(await isImported(home, data, mapping)).toBe(false);
});
