/** Activation and trending by the real cron Worker, in workerd, on the real KV and Postgres. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { activate, activeRelease } from "../bin/publish.ts";
import { trainRelease } from "../bin/train-release.ts";
import { manifestKey, shardKey } from "../release/keys.ts";
import { pushRelease } from "../sync/push/push.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";

const TRENDING_TRIGGER = "*/5 * * * *";

let cloud: TestCloud;
let first: string;
let second: string;
beforeAll(async () => {
  cloud = await startTestCloud();
  const shape = { users: 60, items: 80, ratingsPerUser: 20 };
  await importDirectory(cloud.database, await syntheticRatings(cloud.scratch, shape));
  first = (await runCycle(cloud.around, silentProgress)).release;
  second = (await runCycle(cloud.around, silentProgress, { force: true, seed: 2 })).release;
});
afterAll(() => cloud?.stop());

function activateNow(release: string) {
  return activate(cloud.around, release, silentProgress);
}

/** A release that is whole in KV, but neither staged nor ever read there. */
async function pushed(seed: number): Promise<string> {
  const trained = await trainRelease(cloud.around, { force: true, seed }, silentProgress);
  if (trained.kind !== "built") throw new Error(`nothing was built: ${trained.kind}`);
  return (await pushRelease(cloud.around.kv, trained.folder)).release;
}

test("the release that was pushed last serves, and the one before can serve again", async () => {
  expect(await activeRelease(cloud.around.kv)).toBe(second);
  await activateNow(first);
  expect(await activeRelease(cloud.around.kv)).toBe(first);
  const response = await fetch(`${cloud.api}/recommend/1`);
  expect(response.headers.get("usher-release")).toBe(first);
});

test("a release with one damaged bit never becomes current", async () => {
  const release = await pushed(3);
  const key = shardKey(release, 0);
  const bytes = new Uint8Array((await cloud.around.kv.read(key))!);
  bytes[bytes.length >> 1]! ^= 1;
  await cloud.around.kv.write([{ key, bytes }]);
  await expect(activateNow(release)).rejects.toMatchObject({ code: "RELEASE_REFUSED" });
  expect(await activeRelease(cloud.around.kv)).toBe(first);
});

test.each([
  ["a value", 4, (release: string) => shardKey(release, 0)],
  ["its manifest", 5, manifestKey],
] as const)("a release that lacks %s never becomes current", async (_, seed, keyOf) => {
  const release = await pushed(seed);
  await cloud.around.kv.delete([keyOf(release)]);
  await expect(activateNow(release)).rejects.toMatchObject({ code: "RELEASE_REFUSED" });
  expect(await activeRelease(cloud.around.kv)).toBe(first);
});

test("what many people watch now becomes trending", async () => {
  const events = ["7", "7", "7", "9", "9", "11"].map((itemId, at) => ({
    userId: `viewer ${at}`,
    itemId,
    type: "play",
  }));
  const posted = await fetch(`${cloud.api}/v1/events`, {
    method: "POST",
    body: JSON.stringify(events),
  });
  expect(posted.status).toBe(202);
  const stored = async () => {
    const found = await cloud.database.pool.query(
      "select count(*)::int as count from events where user_id like 'viewer %'",
    );
    return (found.rows[0] as { count: number }).count;
  };
  await expect.poll(stored, { timeout: 15_000 }).toBe(6);
  await cloud.workers.runCron(TRENDING_TRIGGER);
  const answer = await fetch(`${cloud.api}/v1/trending?limit=5`);
  expect(answer.headers.get("usher-source")).toBe("trending");
  const { items } = (await answer.json()) as { items: { id: string; score: number }[] };
  expect(items).toHaveLength(5);
  expect(items.slice(0, 3).map((item) => item.id)).toEqual(["7", "9", "11"]);
  expect(items[0]!.score).toBeCloseTo(3, 1);
});
