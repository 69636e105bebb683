/** Releases, shares, rollback, status and doctor, by the commands an operator types. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { trainRelease } from "../bin/train-release.ts";
import { shardKey } from "../release/keys.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";
import { runUsher } from "./command.ts";

let cloud: TestCloud;
let first: string;
let second: string;
beforeAll(async () => {
  cloud = await startTestCloud();
  const shape = { users: 60, items: 80, ratingsPerUser: 20 };
  await importDirectory(cloud.database, await syntheticRatings(cloud.scratch, shape));
  first = (await runCycle(cloud.around, silentProgress)).release;
  const trained = await trainRelease(cloud.around, { force: true, seed: 2 }, silentProgress);
  if (trained.kind !== "built") throw new Error(`nothing was built: ${trained.kind}`);
  second = trained.manifest.release;
});
afterAll(() => cloud?.stop());

async function usher(...words: string[]) {
  const { code, stdout, stderr } = await runUsher([...words, "--home", cloud.home.root]).finished;
  return { code, stdout, stderr };
}

/** Sixty answers take a moment on a busy machine. */
const PATIENT = { timeout: 15_000 };

async function releasesServed(): Promise<Set<string | null>> {
  const served = new Set<string | null>();
  for (let user = 0; user < 60; user++) {
    const response = await fetch(`${cloud.api}/recommend/${user}`);
    served.add(response.headers.get("usher-release"));
  }
  return served;
}

test("a plan tells keys, requests and dollars, and writes nothing", async () => {
  const { code, stdout } = await usher("push", second, "--plan");
  expect(code).toBe(0);
  expect(stdout).toMatch(/writes {4}\d+ keys, [\d.]+ kB\nrequests {2}\d+: 1 bulk writes/);
  expect(stdout).toMatch(/paid plan \$0\.00\d\d at \$5 a million writes/);
  expect(stdout).toMatch(/free plan [\d.]+ % of a day's 1,000 writes/);
  expect(await cloud.around.kv.read(shardKey(second, 0))).toBeNull();
});

test("a release is pushed, serves a share of the users, then everybody, and is rolled back", async () => {
  expect((await usher("push", second, "--no-stage")).code).toBe(0);
  // An isolate refreshes its pointer behind the answer.
  await expect.poll(releasesServed, PATIENT).toEqual(new Set([first]));

  expect((await usher("activate", second, "--weight", "50")).code).toBe(0);
  await expect.poll(releasesServed, PATIENT).toEqual(new Set([first, second]));
  const { stdout: shared } = await usher("releases");
  expect(shared).toMatch(new RegExp(`${second}.*serves 50 %`));

  const everybody = await usher("activate", second);
  expect(everybody.stderr).toContain("serves 100 % of the users");
  await expect.poll(releasesServed, PATIENT).toEqual(new Set([second]));

  const back = await usher("rollback", "--json");
  expect(JSON.parse(back.stdout)).toEqual({
    release: first,
    left: second,
    purged: "cached answers go by themselves, the last after 11 minutes: no Workers Cache here",
  });
  await expect.poll(releasesServed, PATIENT).toEqual(new Set([first]));
});

test("releases are listed with their size and quality", async () => {
  const { stdout } = await usher("releases", "--json");
  const rows = JSON.parse(stdout) as { release: string; bytes: number; share: number }[];
  expect(rows.map((row) => row.release)).toEqual([second, first]);
  expect(rows.map((row) => row.share)).toEqual([0, 1]);
  for (const row of rows) expect(row.bytes).toBeGreaterThan(1_000);
});

test("the next bundle takes the popular items of what serves along", async () => {
  const file = path.join(cloud.scratch, "fallback.json");
  const { code, stderr } = await usher("fallback", "--file", file);
  expect([code, stderr]).toEqual([0, expect.stringContaining(`popular items of ${first} are in`)]);
  const list = JSON.parse(await readFile(file, "utf8")) as { release: string; items: unknown[] };
  expect(list.release).toBe(first);
  expect(list.items.length).toBeGreaterThan(20);
});

test("before a deployment without a deployed service named, the list stays as it is", async () => {
  const file = path.join(cloud.scratch, "untouched.json");
  const { code, stderr } = await usher("fallback", "--deployed", "--file", file);
  expect([code, stderr]).toEqual([0, expect.stringContaining("stays as it is")]);
  await expect(readFile(file)).rejects.toThrow();
});

test("status tells what serves, what a rollback returns to, and the last cron runs", async () => {
  await cloud.workers.runCron("*/5 * * * *");
  const { stdout } = await usher("status");
  expect(stdout).toMatch(new RegExp(`serving  ${first} to 100 % of the users, since just now`));
  expect(stdout).toContain(`rollback ${second}`);
  expect(stdout).toMatch(/cron {5}activate just now: activated/);
  expect(stdout).toMatch(/cron {5}trending just now: unchanged/);
});

test("a change of release asks the API Worker, once, to purge what served before", async () => {
  const found = await cloud.database.pool.query(
    "select detail from cron_runs where run = 'activate' and outcome = 'activated' order by id",
  );
  const details = found.rows.map((row: { detail: Record<string, unknown> }) => row.detail);
  expect(details.map(({ release, before }) => [release, before])).toEqual([
    [first, []],
    [second, [first]],
  ]);
  // workerd has no Workers Cache: what comes back is that the API Worker was asked and lacks one.
  expect(details[1]).toMatchObject({ purged: "the API Worker answered 501" });
});

test("a healthy system is found healthy", async () => {
  const { code, stdout } = await usher("doctor");
  expect(stdout).not.toContain("FAIL");
  expect(stdout).toContain(`ok     release ${first}`);
  expect(stdout).toContain(`serves ${first}`);
  expect(code).toBe(0);
});

test("a missing value is found by the doctor, who says what to do", async () => {
  const key = shardKey(first, 0);
  const value = new Uint8Array((await cloud.around.kv.read(key))!);
  await cloud.around.kv.delete([key]);
  const { code, stdout } = await usher("doctor", "--json");
  const { healthy, checks } = JSON.parse(stdout) as {
    healthy: boolean;
    checks: { name: string; verdict: string; says: string; advice?: string }[];
  };
  expect([code, healthy]).toEqual([1, false]);
  const failures = checks.filter((check) => check.verdict === "failure");
  expect(failures).toEqual([
    {
      name: `release ${first}`,
      verdict: "failure",
      says: expect.stringContaining(key),
      advice: expect.stringContaining("usher rollback"),
    },
  ]);
  await cloud.around.kv.write([{ key, bytes: value }]);
});

test.each([
  [["rollback", "now"], /too many arguments/],
  [["activate", "no-such-release"], /did not activate no-such-release: its manifest is not in KV/],
  [["activate", "x", "--weight", "0"], /percentage above 0/],
  [["push", "no-such-release"], /is no release: it has no manifest.json/],
])("usher %s is refused with a sentence", async (words, sentence) => {
  const { code, stderr } = await usher(...words);
  expect(code).not.toBe(0);
  expect(stderr).toMatch(sentence);
});
