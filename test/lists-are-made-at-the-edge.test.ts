/** Lists by a queue of Workers, whose handler dies once for each message and hears others twice. */
import { mkdtemp, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { silentProgress } from "../bin/progress.ts";
import { trainRelease } from "../bin/train-release.ts";
import { hashId } from "../release/hash.ts";
import { catalogueKey, manifestKey, shardKey } from "../release/keys.ts";
import { parseManifest } from "../release/manifest.ts";
import { ShardView, shardOf } from "../release/shard.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { loadJob } from "../trainer/lists-job.ts";
import { releaseJob } from "../trainer/lists-release.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";
import { runUsher } from "./command.ts";

const USERS = 7_000;
const DYING = fileURLToPath(new URL("../sync/cron/fixtures/dying-lists.ts", import.meta.url));

let cloud: TestCloud;
let unlisted: string;
beforeAll(async () => {
  cloud = await startTestCloud({ entries: { cron: DYING } });
  const shape = { users: USERS, items: 120, ratingsPerUser: 12 };
  await importDirectory(cloud.database, await syntheticRatings(cloud.scratch, shape));
  const trained = await trainRelease(cloud.around, { lists: "none" }, silentProgress);
  if (trained.kind !== "unlisted") throw new Error(trained.kind);
  unlisted = trained.folder;
});
afterAll(() => cloud?.stop());

test("a release without lists serves everybody, with the lists that the trainer would have made", async () => {
  const args = ["push", unlisted, "--lists-at-edge", "--home", cloud.home.root, "--json"];
  const { code, stdout, stderr } = await runUsher(args).finished;
  expect(stderr).toContain("serves");
  expect(code).toBe(0);
  const { release, users } = JSON.parse(stdout) as { release: string; users: number };
  const bytes = await cloud.around.kv.read(manifestKey(release));
  const { lists, profiles } = parseManifest(new TextDecoder().decode(bytes!));
  expect(users).toBe(lists.users);
  expect(profiles!.shardCount).toBeGreaterThan(1);
  expect(lists.shardCount % profiles!.shardCount).toBe(0);

  const served = await fetch(`${cloud.api}/recommend/1`);
  expect(served.headers.get("usher-release")).toBe(release);
  expect(served.headers.get("usher-source")).toBe("list");

  const { same, items, all } = await agreement(release, lists);
  expect(all).toBe(20 * users);
  expect(items / all).toBeGreaterThan(0.999);
  expect(same / users).toBeGreaterThan(0.99);
  const log = await readFile(path.join(cloud.home.logs, "workers.ndjson"), "utf8");
  const { killed, made } = deliveries(log);
  expect(killed.length).toBe(profiles!.shardCount);
  expect(made.length).toBeGreaterThan(2 * killed.length);
});

/** Shards of profiles whose message died, and each time that one was made. */
function deliveries(log: string): { killed: number[]; made: number[] } {
  const told = log.split("\n").flatMap((line) => {
    if (!line.includes("killed") && !line.includes('\\"made\\"')) return [];
    const { message } = JSON.parse(line) as { message: string };
    return [JSON.parse(message) as { killed?: number; lists?: { profileShard: number } }];
  });
  return {
    killed: told.flatMap(({ killed }) => killed ?? []),
    made: told.flatMap(({ lists }) => lists?.profileShard ?? []),
  };
}

/** Lists of the trainer beside those of the edge: equal ones, items in both, items of the trainer. */
async function agreement(release: string, edge: { shardCount: number; hashSeed: number }) {
  const folder = await mkdtemp(path.join(cloud.scratch, "whole-"));
  const whole = await releaseJob(await loadJob(unlisted), folder);
  const trainer = whole.manifest.lists;
  const own = await views(trainer.shardCount, (shard) =>
    readFile(path.join(whole.path, "values/l", String(shard))).then(
      (value) => new Uint8Array(value).buffer,
    ),
  );
  const made = await views(
    edge.shardCount,
    async (shard) => (await cloud.around.kv.read(shardKey(release, shard)))!,
  );
  let [same, items, all] = [0, 0, 0];
  for (let user = 1; user <= USERS; user++) {
    const hash = hashId(String(user), edge.hashSeed);
    const ownShard = own[shardOf(hash, trainer.shardCount)]!;
    const row = ownShard.find(hash);
    if (row < 0) continue;
    const madeShard = made[shardOf(hash, edge.shardCount)]!;
    const expected = [...ownShard.items(row)];
    const actual = [...madeShard.items(madeShard.find(hash))];
    all += expected.length;
    items += expected.filter((item) => actual.includes(item)).length;
    if (actual.join() === expected.join()) same++;
  }
  return { same, items, all };
}

async function views(count: number, read: (shard: number) => Promise<ArrayBuffer>) {
  const found: ShardView[] = [];
  for (let shard = 0; shard < count; shard++) found.push(ShardView.from(await read(shard)));
  return found;
}

test("done again, it is there already, and nothing is sent", async () => {
  const before: string[] = [];
  for await (const { key } of cloud.around.kv.list("r/")) before.push(key);
  const args = ["push", unlisted, "--lists-at-edge", "--home", cloud.home.root];
  expect((await runUsher(args).finished).code).toBe(0);
  const after: string[] = [];
  for await (const { key } of cloud.around.kv.list("r/")) after.push(key);
  expect(after).toEqual(before);
  expect(before).toContain(catalogueKey(before[0]!.split("/")[1]!));
});
