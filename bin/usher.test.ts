import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runUsher } from "../test/command.ts";

let ratings: string;
beforeAll(async () => {
  ratings = await mkdtemp(path.join(tmpdir(), "usher-launcher-"));
  const rows = Array.from({ length: 300_000 }, (_, row) => `${row % 3_000},${row % 997},4,${row}`);
  await writeFile(
    path.join(ratings, "ratings.csv"),
    `userId,movieId,rating,timestamp\n${rows.join("\n")}\n`,
  );
});
afterAll(() => rm(ratings, { recursive: true }));

test("a command that a Ctrl-C ends leaves with the code that a shell expects", async () => {
  const running = runUsher(["evaluate", "--data", ratings]);
  await running.said("Reading");
  running.child.kill("SIGINT");
  expect((await running.finished).code).toBe(130);
});
