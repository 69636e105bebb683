/** Events grow, old ones are archived by the command, killed on the way; nothing is lost or learned anew. */
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensurePartitions } from "../drizzle/event-partitions.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";
import { runUsher } from "./command.ts";

/** Small ones, so that a few thousand events fill some. */
const PARTITION = 1_000;

let cloud: TestCloud;
let ratings: string;
beforeAll(async () => {
  cloud = await startTestCloud();
  await cloud.database.pool.query("drop table events_from_1");
  await ensurePartitions(cloud.database, { from: 1, to: 20_000 }, PARTITION);
  ratings = await syntheticRatings(cloud.scratch);
  await importDirectory(cloud.database, ratings);
  expect(await usher("cycle")).toMatchObject({ code: 0 });
});
afterAll(() => cloud?.stop());

const withHome = (args: readonly string[]) => [...args, "--home", cloud.home.root];

async function usher(...args: string[]): Promise<{ code: number | null; said: string }> {
  const { code, stdout, stderr } = await runUsher(withHome(args)).finished;
  return { code, said: stdout + stderr };
}

async function counts() {
  const { rows } = await cloud.database.db.execute<Record<"live" | "archived" | "ids", number>>(sql`
    select (select count(*)::int from events) as live,
      (select coalesce(sum(rows), 0)::int from archived_files) as archived,
      (select count(*)::int from event_ids) as ids`);
  return rows[0]!;
}

test("killed at any moment and run again, every event is in the table or in a file, never in both", async () => {
  const { live: all } = await counts();
  for (const milliseconds of [900, 1_400, 2_000]) {
    const { child, finished } = runUsher(withHome(["archive", "--older-than", "0"]));
    const timer = setTimeout(() => child.kill("SIGKILL"), milliseconds);
    await finished;
    clearTimeout(timer);
    const { live, archived } = await counts();
    expect(live + archived).toBe(all);
  }
  const { code, said } = await usher("archive", "--older-than", "0");
  expect(said).toContain("stays: it is not full yet");
  expect(code).toBe(0);
  const { live, archived, ids } = await counts();
  expect(live).toBeLessThan(PARTITION);
  expect([live + archived, ids]).toEqual([all, all]);
});

test("training reads the archive: the dataset is the one before, and the next is trained of both", async () => {
  expect((await usher("cycle")).said).toContain("nothing has changed");
  const body = JSON.stringify({ userId: "11", itemId: "5", type: "rate", value: 5 });
  const sent = await fetch(`${cloud.api}/v1/events`, { method: "POST", body });
  expect(sent.status).toBe(202);
  const { archived, ids } = await counts();
  await expect.poll(async () => (await counts()).ids, { timeout: 15_000 }).toBe(ids + 1);
  const { code, said } = await usher("cycle");
  expect(said).toMatch(/release \S+ with 240 lists/);
  expect(code).toBe(0);
  expect((await counts()).archived).toBe(archived);
});

test("what was archived is known when it is imported again", async () => {
  const before = await counts();
  await importDirectory(cloud.database, ratings);
  expect(await counts()).toEqual(before);
});

test("the archive is listed, verified, explained and exported by the command", async () => {
  const { files } = JSON.parse(
    (await runUsher(withHome(["archive", "list", "--json"])).finished).stdout,
  );
  expect(files.length).toBeGreaterThan(3);
  expect((await usher("archive", "verify")).said).toContain("are there as they were written");
  const exported = (await runUsher(withHome(["archive", "export", "11"])).finished).stdout;
  const events = exported
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events.length).toBeGreaterThan(5);
  expect(new Set(events.map(({ userId }) => userId))).toEqual(new Set(["11"]));
  const { said } = await usher("explain-event", events[0].eventId);
  expect(said).toContain("in the archive");
  const record = await (await fetch(`${cloud.api}/v1/users/11/export`)).text();
  expect(record).toContain('"archivedUntil":"20');
});

test("an erased person is gone from the archive's files after compacting", async () => {
  const erased = await fetch(`${cloud.api}/v1/users/11`, { method: "DELETE" });
  expect(erased.status).toBe(200);
  expect((await runUsher(withHome(["archive", "export", "11"])).finished).stdout).toBe("");
  const before = await counts();
  expect(await usher("datasets", "compact")).toMatchObject({ code: 0 });
  const after = await counts();
  expect(after.archived).toBeLessThan(before.archived);
  expect(after.ids).toBe(after.live + after.archived);
  expect((await usher("archive", "verify")).code).toBe(0);
});

test("a lost database comes back with the archive where it was", async () => {
  expect(await usher("backup")).toMatchObject({ code: 0 });
  const before = await counts();
  await cloud.database.pool.query("drop schema public cascade; create schema public");
  await cloud.database.pool.query("drop schema if exists drizzle cascade");
  expect(await usher("restore", "database")).toMatchObject({ code: 0 });
  const after = await counts();
  expect(after.live + after.archived).toBe(before.live + before.archived);
  expect(after.ids).toBe(before.ids);
  await importDirectory(cloud.database, ratings);
  expect(await counts()).toEqual(after);
});
