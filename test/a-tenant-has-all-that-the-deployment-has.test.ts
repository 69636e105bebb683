/**
 * Experiments, snapshots, backups, restores, quotas and a purge of one of two tenants, each by the command
 * that does it: nothing of the other's or of the deployment's own is changed by any.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BucketServer, startBucketServer } from "../local/bucket-server.ts";
import { POINTER_KEY, REFUSED_KEY } from "../release/keys.ts";
import { parsePointer, parseRefused } from "../release/pointer.ts";
import { stageRelease } from "../sync/push/push.ts";
import { syntheticRatings, type TestCloud } from "./cloud.ts";
import { runUsher } from "./command.ts";
import {
  ask,
  PLACES,
  startThreeCatalogues,
  type ThreeCatalogues,
  type Whose,
} from "./three-catalogues.ts";

const SHAPE = { users: 60, items: 60, ratingsPerUser: 15 };
const USERS = Array.from({ length: SHAPE.users }, (_, n) => String(n + 1));
/** What is posted and shown travels through queues. */
const PATIENT = { timeout: 20_000 };
/** An isolate reads anew every half minute which tenants there are, and who is over a quota. */
const HALF_A_MINUTE = { timeout: 60_000, interval: 500 };
const BUCKET_KEY = { accessKeyId: "id", secretAccessKey: "secret" };

let catalogues: ThreeCatalogues | undefined;
let cloud: TestCloud;
let around: ThreeCatalogues["around"];
let release: ThreeCatalogues["release"];
let bucket: BucketServer;

beforeAll(async () => {
  bucket = await startBucketServer(BUCKET_KEY);
  const vars = { EXPOSURES_FLUSH_SECONDS: "0.2", TRAFFIC_FLUSH_SECONDS: "0.2" };
  catalogues = await startThreeCatalogues((at) => ({ ...SHAPE, seed: at + 1 }), vars);
  ({ cloud, around, release } = catalogues);
}, 300_000);
afterAll(async () => {
  await bucket?.stop();
  await catalogues?.stop();
});

/** A command, with a bucket for snapshots in its environment. */
async function usher(...words: string[]) {
  const environment = {
    USHER_BUCKET_URL: bucket.url,
    USHER_BUCKET_KEY_ID: BUCKET_KEY.accessKeyId,
    USHER_BUCKET_SECRET: BUCKET_KEY.secretAccessKey,
  };
  const { code, stdout, stderr } = await runUsher(
    [...words, "--home", cloud.home.root],
    environment,
  ).finished;
  return { code, stdout, said: stdout + stderr };
}

async function done(...words: string[]): Promise<string> {
  const { code, stdout, said } = await usher(...words);
  expect([words, code, said]).toEqual([words, 0, said]);
  return stdout;
}

/** Every key of a catalogue with a digest of its value; the names of the tenants are nobody's. */
async function keysOf(whose: Whose): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { key } of around[whose].kv.list("")) {
    if (whose === "own" && (key.startsWith("t/") || key === "tenants")) continue;
    const bytes = await around[whose].kv.read(key);
    found[key] = createHash("sha256").update(new Uint8Array(bytes!)).digest("hex");
  }
  return found;
}

const ROWS = `select 'events' as what, count(*)::int, md5(string_agg(concat_ws(' ', seq, event_id, user_id, value), ',' order by seq)) from events
  union all select 'items', count(*)::int, md5(string_agg(i::text, ',' order by item_id)) from items i
  union all select 'experiments', count(*)::int, md5(string_agg(e::text, ',' order by id)) from experiments e
  union all select 'exposures', count(*)::int, md5(string_agg(e::text, ',' order by user_id)) from exposures e
  union all select 'releases', count(*)::int, md5(string_agg(release || status, ',' order by release)) from releases`;

/** What a catalogue holds in Postgres, in a few digests. */
async function rowsOf(whose: Whose): Promise<unknown[]> {
  return (await around[whose].database.pool.query(ROWS)).rows;
}

/** What all that is not acme's holds. */
async function theOthers(): Promise<unknown> {
  const held = async (whose: Whose) => [whose, await keysOf(whose), await rowsOf(whose)];
  const objects = [...bucket.objects.keys()].filter((key) => !key.startsWith("tenants/acme/"));
  return [await held("own"), await held("beta"), objects.sort()];
}

async function shown(whose: Whose, user: string) {
  const response = await fetch(`${cloud.api}${PLACES[whose]}/recommend/${user}`);
  await response.text();
  const { status, headers } = response;
  return {
    status,
    release: headers.get("usher-release"),
    experiment: headers.get("usher-experiment"),
  };
}

async function pointerOf(whose: Whose) {
  return parsePointer(new TextDecoder().decode((await around[whose].kv.read(POINTER_KEY))!));
}

test("an experiment is defined, run and shipped for one tenant, and nobody else is in it", async () => {
  const before = await theOthers();
  const first = release.acme;
  const more = await syntheticRatings(`${cloud.scratch}/more`, { ...SHAPE, seed: 9 });
  await done("import", more, "--tenant", "acme");
  await done("cycle", "--force", "--tenant", "acme");
  release.acme = (await pointerOf("acme")).arms[0]!.release;
  expect(release.acme).not.toBe(first);

  const arms = ["--arm", `old=40,release=${first}`, "--arm", `new=40,release=${release.acme}`];
  const plan = ["--name", "The new one", "--primary", "ratings"];
  await done("experiments", "define", "ranking", ...plan, ...arms, "--tenant", "acme");
  await done("experiments", "start", "ranking", "--tenant", "acme");
  const experiments = async (whose: Whose) => {
    const all = await Promise.all(USERS.map((user) => shown(whose, user)));
    return new Set(all.map(({ experiment }) => experiment));
  };
  const both = new Set(["ranking/old", "ranking/new", null]);
  await expect.poll(() => experiments("acme"), PATIENT).toEqual(both);
  for (const whose of ["own", "beta"] as const) {
    expect(await experiments(whose)).toEqual(new Set([null]));
  }

  const exposed = async () => {
    const results = await done("experiments", "results", "ranking", "--json", "--tenant", "acme");
    const { analysis } = JSON.parse(results) as { analysis: { arms: { users: number }[] } };
    return analysis.arms.reduce((sum, { users }) => sum + users, 0);
  };
  await expect.poll(exposed, PATIENT).toBeGreaterThan(0);
  expect((await usher("experiments", "results", "ranking")).said).toContain("no experiment");

  await done("experiments", "stop", "ranking", "--tenant", "acme");
  await done("experiments", "ship", "ranking", "old", "--tenant", "acme");
  expect((await pointerOf("acme")).arms).toEqual([{ release: first, weight: 1 }]);
  release.acme = first;
  await expect.poll(() => shown("acme", "1"), PATIENT).toMatchObject({ release: first });
  expect(await theOthers()).toEqual(before);
}, 300_000);

test("snapshots and backups lie in the tenant's part of the bucket, and a lost database comes back", async () => {
  await done("datasets", "take");
  const before = await theOthers();
  await done("datasets", "take", "--tenant", "acme");
  await done("backup", "--tenant", "acme");
  const acmes = [...bucket.objects.keys()].filter((key) => key.startsWith("tenants/acme/"));
  expect(acmes.some((key) => key.startsWith("tenants/acme/backups/"))).toBe(true);
  expect(acmes.some((key) => key.startsWith("tenants/acme/snapshots/"))).toBe(true);
  expect(JSON.parse(await done("backup", "list", "--json"))).toEqual({ backups: [] });

  const held = await rowsOf("acme");
  const { pool } = around.acme.database;
  await pool.query("drop schema public cascade; create schema public");
  await pool.query("drop schema if exists drizzle cascade");
  expect((await usher("restore", "database", "--tenant", "beta")).said).toContain("BACKUP_UNKNOWN");
  await done("restore", "database", "--tenant", "acme");
  expect(await rowsOf("acme")).toEqual(held);
  expect(await theOthers()).toEqual(before);
}, 300_000);

test("emptied of its keys, a tenant serves again from its own newest release", async () => {
  const before = await theOthers();
  for await (const { key } of around.acme.kv.list("")) await around.acme.kv.delete([key]);
  await done("restore", "kv", "--tenant", "acme");
  const { release: served } = (await pointerOf("acme")).arms[0]!;
  release.acme = served;
  await expect
    .poll(() => shown("acme", "1"), PATIENT)
    .toMatchObject({ status: 200, release: served });
  expect(await theOthers()).toEqual(before);
}, 300_000);

test("a tenant over its quota of events is told so until it is raised, and nobody else", async () => {
  await done("tenants", "quota", "beta", "--events-a-day", "3");
  let sent = 0;
  const send = async (whose: Whose) => {
    const body = { userId: "u", itemId: "1", type: "view", eventId: `event-${sent++}` };
    return ask(cloud.api, `${PLACES[whose]}/v1/events`, { method: "POST", key: whose, body });
  };
  const used = async () => {
    // Whatever is asked takes along what was counted before.
    await shown("beta", "nobody");
    const listed = JSON.parse(await done("tenants", "--json")) as {
      tenant: string;
      used: { events: number };
    }[];
    return listed.find(({ tenant }) => tenant === "beta")!.used.events;
  };
  for (let event = 0; event < 4; event++) expect((await send("beta")).status).toBe(202);
  await expect.poll(used, PATIENT).toBe(4);
  expect(await done("tenants")).toMatch(/^acme\nbeta: events today 4 of 3 \(133 %\), answers/);
  await cloud.workers.runCron("*/5 * * * *");
  await expect.poll(async () => (await send("beta")).status, HALF_A_MINUTE).toBe(429);
  expect((await send("beta")).answer).toMatchObject({ title: "QUOTA_USED_UP", quota: "events" });
  expect((await shown("beta", "1")).status).toBe(200);
  for (const whose of ["own", "acme"] as const) expect((await send(whose)).status).toBe(202);

  await done("tenants", "quota", "beta", "--events-a-day", "none");
  await expect.poll(async () => (await send("beta")).status, HALF_A_MINUTE).toBe(202);
}, 300_000);

test("a release with more items than the quota is neither pushed nor activated", async () => {
  expect(await done("tenants", "quota", "beta", "--items", "10")).toContain(
    "items 60 of 10 (600 %)",
  );
  const asked = [
    ["push", release.beta],
    ["push", release.beta, "--plan"],
    ["cycle", "--force"],
  ];
  for (const command of asked) {
    const { code, said } = await usher(...command, "--tenant", "beta");
    expect([code, said]).toEqual([1, expect.stringContaining("QUOTA_ITEMS")]);
    expect(said).not.toContain("Training");
  }
  await stageRelease(around.beta.kv, release.beta, new Date());
  await cloud.workers.runCron("* * * * *");
  const refused = async () => {
    const bytes = await around.beta.kv.read(REFUSED_KEY);
    return bytes === null ? null : parseRefused(new TextDecoder().decode(bytes)).reason;
  };
  await expect.poll(refused, PATIENT).toContain("the quota of this catalogue is 10");
  expect((await shown("beta", "1")).release).toBe(release.beta);
  await done("tenants", "quota", "beta", "--items", "none");
  expect(await done("tenants")).toBe("acme\nbeta\n");
}, 300_000);

test("a purge shows what goes, takes all of it when told to, and goes on where it was stopped", async () => {
  const before = await theOthers();
  const folder = around.acme.home.root;
  const asked = await usher("tenants", "remove", "acme", "--purge");
  expect([asked.code, asked.said]).toEqual([1, expect.stringContaining("NOT_CONFIRMED")]);
  for (const what of ["_acme: ", " below t/acme/", "snapshots and backups in", folder]) {
    expect(asked.stdout).toContain(what);
  }
  expect((await shown("acme", "1")).status).toBe(200);
  await around.acme.database.close();

  await done("tenants", "remove", "acme", "--purge", "--yes");
  const databases = "select datname from pg_database where datname like '%acme'";
  expect((await around.own.database.pool.query(databases)).rows).toEqual([]);
  expect(await keysOf("acme")).toEqual({});
  expect([...bucket.objects.keys()].filter((key) => key.includes("acme"))).toEqual([]);
  expect(existsSync(folder)).toBe(false);
  expect(await theOthers()).toEqual(before);
  await expect.poll(async () => (await shown("acme", "1")).status, HALF_A_MINUTE).toBe(404);

  // What a Worker wrote meanwhile, or a purge that was stopped had not come to.
  await around.acme.kv.write([{ key: "dead/late", bytes: new Uint8Array([1]) }]);
  expect(await done("tenants", "remove", "acme", "--purge", "--yes")).toContain("1 keys");
  expect(await keysOf("acme")).toEqual({});
  expect(await done("tenants", "remove", "acme", "--purge", "--yes")).toContain("nothing of acme");
  expect(await theOthers()).toEqual(before);
  expect((await shown("beta", "1")).release).toBe(release.beta);
}, 300_000);
