import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { experimentDefineCommand } from "./experiment-define.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "usher-define-"));
});
afterAll(() => rm(folder, { recursive: true }));

test.each([null, "{", "[1]", "7"])("a file that holds %s is no experiment", async (text) => {
  const file = path.join(folder, `${text}.json`.replace("/", ""));
  if (text !== null) await writeFile(file, text);
  const defined = experimentDefineCommand().parseAsync(["id", "--file", file], { from: "user" });
  await expect(defined).rejects.toMatchObject({ code: "EXPERIMENT_INVALID" });
});
