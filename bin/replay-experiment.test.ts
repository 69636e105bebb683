import { afterAll, beforeAll, expect, test } from "vitest";
import type { ReleaseLists } from "../local/release-lists.ts";
import { hashId } from "../release/hash.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "../test/cloud.ts";
import { runUsher } from "../test/command.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { runCycle } from "./cycle.ts";
import { silentProgress } from "./progress.ts";
import { openReleaseLists } from "./release-lists.ts";
import { replayExperiment } from "./replay-experiment.ts";

const USERS = Array.from({ length: 240 }, (_, at) => String(at + 1));

let cloud: TestCloud;
let first: ReleaseLists;
let second: ReleaseLists;
beforeAll(async () => {
  cloud = await startTestCloud();
  await importDirectory(cloud.database, await syntheticRatings(cloud.scratch));
  first = await openReleaseLists(cloud.around, await cycle());
  await importDirectory(cloud.database, await syntheticRatings(cloud.scratch, { seed: 8 }));
  second = await openReleaseLists(cloud.around, await cycle());
  await cloud.database.pool.query(
    "insert into experiments (id, name, arms, salt) values ('e', 'E', $1, 'e')",
    [JSON.stringify(arms())],
  );
});
afterAll(() => cloud?.stop());

async function cycle(): Promise<string> {
  return (await runCycle(cloud.around, silentProgress, { force: true })).release;
}

function arms() {
  return [
    { name: "a", share: 0.25, release: first.release, parameters: {} },
    { name: "b", share: 0.25, release: second.release, parameters: {} },
  ];
}

/** Half of all items are taken whenever they are shown, the others never: a value that is known. */
function isTaken(item: string): boolean {
  return hashId(item, 3).lo % 2 === 0;
}

test("a release whose lists were half of what was shown gets the value that it had", async () => {
  const lists = [];
  const events = [];
  let truth = 0;
  for (const [at, user] of USERS.entries()) {
    const [one, other] = [(await first.listOf(user))!, (await second.listOf(user))!];
    truth += other.filter(isTaken).length / USERS.length;
    const items = at % 2 === 0 ? one : other;
    const [arm, { release }] = at % 2 === 0 ? (["a", first] as const) : (["b", second] as const);
    lists.push({ id: `l${user}`, user, arm, release, items });
    events.push(...items.filter(isTaken).map((item) => ({ id: `${user} ${item}`, user, item })));
  }
  const { pool } = cloud.database;
  await pool.query(
    `insert into served_lists (id, experiment_id, user_id, arm, release, served_at, items)
     select id, 'e', "user", arm, release, now() - interval '2 hours', items
     from jsonb_to_recordset($1) as row(id text, "user" text, arm text, release text, items text[])`,
    [JSON.stringify(lists)],
  );
  await pool.query(
    `insert into events (event_id, user_id, item_id, type, occurred_at, source)
     select id, "user", item, 'click', now() - interval '1 hour', 'test'
     from jsonb_to_recordset($1) as row(id text, "user" text, item text)`,
    [JSON.stringify(events)],
  );
  const found = await replay(second.release);
  expect(found).toMatchObject({ lists: 240, users: 240, overlap: 1, clipped: 0 });
  expect(found.interval.low).toBeLessThan(truth);
  expect(found.interval.high).toBeGreaterThan(truth);
  expect(found.candidate / truth).toBeCloseTo(1, 1);
});

test("a release that nobody has, and an interleaving, are told so", async () => {
  await expect(replay("no-such-release")).rejects.toThrow('of release "no-such-release"');
  const mixed = { id: "e", mode: "interleaving" as const, arms: arms() };
  await expect(replayExperiment(cloud.around, mixed, second.release)).rejects.toThrow(
    "Replay takes a split experiment",
  );
});

test("an experiment that showed nobody anything refuses", async () => {
  const empty = { id: "nobody", mode: "split" as const, arms: arms() };
  await expect(replayExperiment(cloud.around, empty, second.release)).rejects.toThrow(
    "nothing to replay",
  );
});

test("the commands tell results and replay in words, as JSON and as CSV, and what they do not know", async () => {
  const ask = (...words: string[]) =>
    runUsher(["experiments", ...words, "--home", cloud.home.root]).finished;
  const replayed = await ask("replay", "e", second.release, "--json");
  expect(JSON.parse(replayed.stdout)).toMatchObject({ users: 240, overlap: 1 });
  const told = await ask("replay", "e", second.release);
  expect(told.stdout).toMatch(
    /would have had \d+\.\d+ items taken from a list \[.*\n.*240 lists of 240 users/,
  );
  const results = await ask("results", "e");
  expect(results.stdout).toMatch(/^Not decided: a has 0 of the 100 users/);
  const csv = await ask("results", "e", "--csv");
  expect(csv.stdout).toMatch(/^part,arm,metric,/);
  const unknown = await ask("results", "nobody");
  expect(unknown).toMatchObject({ code: 1, stdout: "" });
  expect(unknown.stderr).toContain('There is no experiment "nobody"');
});

function replay(release: string) {
  return replayExperiment(cloud.around, { id: "e", mode: "split", arms: arms() }, release);
}
