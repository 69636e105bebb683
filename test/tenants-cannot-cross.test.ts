/** Two tenants beside the deployment's own catalogue: everything that could reach across is tried. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { silentProgress } from "../bin/progress.ts";
import { trainRelease } from "../bin/train-release.ts";
import { shardKey } from "../release/keys.ts";
import { nameApart } from "../release/tenant.ts";
import { stageRelease } from "../sync/push/push.ts";
import type { TestCloud } from "./cloud.ts";
import { runUsher } from "./command.ts";
import {
  type Asked,
  ask as askAt,
  askRaw as askRawAt,
  PLACES,
  startThreeCatalogues,
  type ThreeCatalogues,
  WHOSE,
  type Whose,
} from "./three-catalogues.ts";

let catalogues: ThreeCatalogues | undefined;
let cloud: TestCloud;
let around: ThreeCatalogues["around"];
let release: ThreeCatalogues["release"];

beforeAll(async () => {
  const shapeOf = (at: number) => ({ users: 40 + at, items: 60, ratingsPerUser: 15, seed: at + 1 });
  catalogues = await startThreeCatalogues(shapeOf);
  ({ cloud, around, release } = catalogues);
}, 180_000);
afterAll(() => catalogues?.stop());

const ask = (path: string, asked: Asked = {}) => askAt(cloud.api, path, asked);
const askRaw = (path: string) => askRawAt(cloud.api, path);

/** An event goes through the queue before it is stored. */
const PATIENT = { timeout: 15_000 };

async function storedBy(whose: Whose, userId: string): Promise<number> {
  const statement = "select count(*)::int as count from events where user_id = $1";
  const { rows } = await around[whose].database.pool.query(statement, [userId]);
  return (rows[0] as { count: number }).count;
}

async function keysInKv(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of cloud.around.kv.list("")) keys.push(key);
  return keys;
}

test("each catalogue answers from its own release", async () => {
  expect(new Set(Object.values(release)).size).toBe(3);
  for (const whose of WHOSE) {
    for (const path of ["/recommend/1", "/recommend/nobody", "/v1/trending", "/v1/items/1"]) {
      expect(await ask(PLACES[whose] + path)).toMatchObject({
        status: 200,
        release: release[whose],
      });
    }
  }
});

test("no way of writing a path leads from one tenant into another", async () => {
  const ways = [
    "/t/acme/t/beta/recommend/1",
    "/t/acme//t/beta/recommend/1",
    "/t/acme//localhost/t/beta/recommend/1",
    "/t/acme%2f..%2fbeta/recommend/1",
    "/t/acme/..%2fbeta/recommend/1",
    "/t/acme/..%2f..%2ft%2fbeta/recommend/1",
    "/t/acme/recommend/..%2f..%2f..%2fbeta%2frecommend%2f1",
    "/t/acme/recommend/1%2f..%2f..%2f..%2fbeta",
    "/t/acme/\\..\\beta/recommend/1",
    "/t/acme;/../beta%00/recommend/1",
    "/t/acme?/../beta/recommend/1",
    "/t/acme/recommend/1?tenant=beta",
    "/t/acme/recommend/1?/t/beta",
    "/t/ACME/recommend/1",
    "/t/%61cme/recommend/1",
    "/t/acme%00/recommend/1",
    "/t/acme%1f/recommend/1",
    "/t//recommend/1",
    "/t/recommend/1",
    "//t/beta/recommend/1",
    "/recommend/t%2fbeta%2f1",
  ];
  for (const way of ways) {
    const { status, release: served } = await askRaw(way);
    expect([way, status < 500], way).toEqual([way, true]);
    expect([way, served], way).not.toEqual([way, release.beta]);
  }
  // Dots between slashes are the client's own shorthand for the path without them.
  for (const way of ["/t/acme/../beta/recommend/1", "/t/acme/%2e%2e/beta/recommend/1"]) {
    const { status } = await ask(`${way}/../../v1/status`, { key: "acme" });
    expect([401, 404]).toContain(status);
  }
});

test("a key opens its own catalogue and no other, whatever is asked", async () => {
  const routes: [string, string, unknown?][] = [
    ["GET", "/v1/users/1/export"],
    ["GET", "/v1/releases"],
    ["GET", "/v1/status"],
    ["GET", "/metrics"],
    ["DELETE", "/v1/users/somebody"],
    ["POST", "/v1/releases/purge", { releases: ["r"] }],
    ["POST", "/v1/releases/rollback"],
    ["POST", "/v1/events", { userId: "u", itemId: "1", type: "view" }],
  ];
  for (const whose of WHOSE) {
    for (const key of WHOSE.filter((other) => other !== whose)) {
      for (const [method, path, body] of routes) {
        const { status, answer } = await ask(PLACES[whose] + path, { method, key, body });
        expect([path, status, answer["title"]]).toEqual([path, 401, "UNAUTHORIZED"]);
      }
    }
    expect((await ask(`${PLACES[whose]}/v1/status`, { key: whose })).status).toBe(200);
  }
});

test("an operator neither sees nor activates another's release", async () => {
  const paths = (id: string) => [id, `..%2f..%2ft%2fbeta%2fr%2f${id}`, `..%2ft%2fbeta%2fr%2f${id}`];
  for (const whose of ["own", "acme"] as const) {
    for (const id of paths(release.beta)) {
      const path = `${PLACES[whose]}/v1/releases/${id}`;
      expect((await ask(path, { key: whose })).status).toBe(404);
      const activation = { method: "POST", key: whose, body: {} };
      expect((await ask(`${path}/activate`, activation)).status).toBe(404);
    }
    const { text } = await ask(`${PLACES[whose]}/v1/releases`, { key: whose });
    expect(text).toContain(release[whose]);
    expect(text).not.toContain(release.beta);
  }
  expect((await ask("/t/beta/recommend/1")).release).toBe(release.beta);
});

test("a page's cursor of one tenant continues nothing of another", async () => {
  const path = "/v1/users/1/recommendations?limit=3";
  const { answer } = await ask(`/t/acme${path}`);
  for (const whose of ["own", "beta"] as const) {
    const asked = `${PLACES[whose]}${path}&cursor=${answer["next"]}`;
    expect(await ask(asked)).toMatchObject({ status: 200, release: release[whose] });
  }
});

test("events, and what the next answer sees of them, stay with whom they were sent to", async () => {
  const event = { eventId: "same-id", userId: "ada", itemId: "7", type: "rate", value: 5 };
  const { status, answer } = await ask("/t/acme/v1/events", {
    method: "POST",
    key: "acme",
    body: event,
  });
  expect([status, answer["accepted"]]).toEqual([202, 1]);
  await expect.poll(() => storedBy("acme", "ada"), PATIENT).toBe(1);
  expect([await storedBy("own", "ada"), await storedBy("beta", "ada")]).toEqual([0, 0]);

  const cursor = answer["cursor"] as string;
  const list = (whose: Whose) =>
    ask(`${PLACES[whose]}/v1/users/ada/recommendations?limit=50&after=${cursor}`);
  expect((await list("acme")).text).not.toContain('"id":"7"');
  for (const whose of ["own", "beta"] as const) {
    // Nobody here has seen the call of this cursor: the answer says so, and holds nothing of it.
    const { answer: other } = await list(whose);
    expect(other["degraded"]).toContain("the live profile has not seen the call of this cursor");
    const { answer: held } = await ask(`${PLACES[whose]}/v1/users/ada/export`, { key: whose });
    expect(held["liveProfile"]).toEqual({ events: [] });
    expect(held["database"]).toMatchObject({ events: [] });
  }
  // The same id is another's event elsewhere, not a duplicate.
  const again = await ask("/t/beta/v1/events", { method: "POST", key: "beta", body: event });
  expect(again.answer).toMatchObject({ accepted: 1, duplicates: 0 });
  await expect.poll(() => storedBy("beta", "ada"), PATIENT).toBe(1);
});

test("no user id names another's live profile", async () => {
  for (const name of [nameApart("acme", "ada"), "t/acme/ada", "\u001facme\u001fada"]) {
    const path = `/v1/users/${encodeURIComponent(name)}`;
    const { text } = await ask(`${path}/export`, { key: "own" });
    expect(text).not.toContain('"itemId"');
    await ask(path, { method: "DELETE", key: "own" });
  }
  const { answer } = await ask("/t/acme/v1/users/ada/export", { key: "acme" });
  expect(answer["liveProfile"]).toMatchObject({ events: [{ itemId: "7", value: 5 }] });
});

test("whoever is erased with one tenant is still known to the other", async () => {
  expect((await ask("/t/acme/v1/users/ada", { method: "DELETE", key: "acme" })).status).toBe(200);
  expect([await storedBy("acme", "ada"), await storedBy("beta", "ada")]).toEqual([0, 1]);
  const { answer } = await ask("/t/beta/v1/users/ada/export", { key: "beta" });
  expect(answer["liveProfile"]).toMatchObject({ events: [{ itemId: "7" }] });
  const event = { userId: "ada", itemId: "8", type: "view" };
  const refused = await ask("/t/acme/v1/events", { method: "POST", key: "acme", body: event });
  expect(refused.answer["accepted"] ?? 0).toBe(0);
  const taken = await ask("/t/beta/v1/events", { method: "POST", key: "beta", body: event });
  expect(taken.answer["accepted"]).toBe(1);
});

test("status and metrics count a tenant's own", async () => {
  await expect.poll(() => storedBy("beta", "ada"), PATIENT).toBe(2);
  const counts = new Set<number>();
  for (const whose of WHOSE) {
    const { answer } = await ask(`${PLACES[whose]}/v1/status`, { key: whose });
    const { rows } = await around[whose].database.pool.query("select count(*)::int from events");
    expect(answer["stored"]).toMatchObject({ events: (rows[0] as { count: number }).count });
    counts.add((answer["stored"] as { events: number }).events);
  }
  expect(counts.size).toBe(3);
  const { text } = await ask("/t/acme/metrics", { key: "acme" });
  expect(text).toContain(release.acme);
  expect(text).not.toContain(release.beta);
  expect(text).not.toContain(release.own);
});

test("the cron Worker goes over all catalogues, and what it writes is whose it is about", async () => {
  await cloud.workers.runCron("*/5 * * * *");
  const keys = await keysInKv();
  // Beta alone has events of late.
  expect(keys.filter((key) => key.endsWith("trending"))).toEqual(["t/beta/trending"]);
  for (const whose of WHOSE) {
    const where = whose === "own" ? "r/" : `t/${whose}/r/`;
    const ofRelease = keys.filter((key) => key.includes(release[whose]));
    expect(ofRelease.length).toBeGreaterThan(3);
    expect(ofRelease.filter((key) => !key.startsWith(where))).toEqual([]);
  }
});

test("releases that wait with several tenants are verified in turn, one at a trigger", async () => {
  const staged = async () => (await keysInKv()).filter((key) => key.endsWith("staged")).length;
  for (const whose of WHOSE) await stageRelease(around[whose].kv, release[whose], new Date(), 1);
  const left: number[] = [];
  for (let trigger = 0; trigger < 3; trigger++) {
    await cloud.workers.runCron("* * * * *");
    left.push(await staged());
  }
  expect(left).toEqual([2, 1, 0]);
});

test("lists made at the edge are made from the tenant's profiles, into the tenant's keys", async () => {
  const trained = await trainRelease(around.acme, { lists: "none", force: true }, silentProgress);
  if (trained.kind !== "unlisted") throw new Error(trained.kind);
  const args = ["push", trained.folder, "--lists-at-edge", "--tenant", "acme", "--json"];
  const { stdout } = await runUsher([...args, "--home", cloud.home.root]).finished;
  release.acme = (JSON.parse(stdout) as { release: string }).release;
  const served = () => ask("/t/acme/recommend/1");
  await expect.poll(served, PATIENT).toMatchObject({ status: 200, release: release.acme });
  const keys = (await keysInKv()).filter((key) => key.includes(release.acme));
  expect(keys).toContain(`t/acme/${shardKey(release.acme, 0)}`);
  expect(keys.filter((key) => !key.startsWith("t/acme/"))).toEqual([]);
}, 60_000);

test("commands work on the tenant that they are told, and on the whole deployment not at all", async () => {
  const usher = (...words: string[]) => runUsher([...words, "--home", cloud.home.root]).finished;
  const { stdout } = await usher("status", "--json", "--tenant", "acme");
  const { pointer, api } = JSON.parse(stdout) as { pointer: unknown; api: string };
  expect(pointer).toMatchObject({ arms: [{ release: release.acme }] });
  expect(api).toBe(`${cloud.api}/t/acme`);
  expect((await usher("tenants")).stdout).toBe("acme\nbeta\n");
  expect((await usher("status", "--tenant", "gamma")).stderr).toContain("UNKNOWN_TENANT");
  const meantForAcme = runUsher(["fallback"], { USHER_TENANT: "acme" });
  expect((await meantForAcme.finished).stderr).toContain("NOT_OF_A_TENANT");

  expect((await usher("tenants", "remove", "beta")).code).toBe(0);
  expect((await usher("tenants")).stdout).toBe("acme\n");
}, 60_000);
