/**
 * From empty accounts to a service that answers, by the real command and the real Wrangler, killed
 * again and again; then a cycle, a rollout, one that is taken back, and the removal.
 */
import { spawn } from "node:child_process";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  copyCheckout,
  type MadeUpAccounts,
  openMadeUpAccounts,
} from "../local/rehearsal/made-up-accounts.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../local/temporary-database.ts";
import { startWorkersDev, type WorkersDev } from "../local/workers-dev.ts";
import { seededRandom } from "../trainer/random.ts";
import { syntheticRatings } from "./cloud.ts";

const USHER = fileURLToPath(new URL("../bin/usher.ts", import.meta.url));
/** Kills in the story; lines of output after which one comes at the latest, and then soon, in ms. */
const KILLS = 6;
const MOST_LINES = 6;
const SOON_MS = 1_500;

let postgres: TemporaryDatabase;
let folder: string;
let checkout: string;
let ratings: string;
let accounts: MadeUpAccounts;
let api: WorkersDev;

beforeAll(async () => {
  postgres = await startTemporaryDatabase();
  folder = await mkdtemp(path.join(tmpdir(), "usher-deployment-"));
  checkout = await copyCheckout(path.join(folder, "checkout"));
  ratings = await syntheticRatings(folder, { users: 80, items: 120, ratingsPerUser: 20 });
  accounts = await openMadeUpAccounts({ postgres: postgres.postgres });
  api = await startWorkersDev(accounts.account, "shop-api");
});
afterAll(async () => {
  await api.stop();
  await accounts.stop();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Kills the command and all it started outright, so many ms after so many lines of output. */
interface Kill {
  readonly lines: number;
  readonly ms: number;
}

async function usher(args: readonly string[], kill?: Kill, more = {}): Promise<Ended> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", USHER, ...args], {
    env: { ...process.env, ...accounts.environment, ...more, USHER_OFFLINE: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  let struck = false;
  const strike = async ({ ms }: Kill) => {
    await sleep(ms);
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  const hear = (chunk: Buffer) => {
    output += chunk.toString();
    if (kill === undefined || struck || output.split("\n").length <= kill.lines) return;
    struck = true;
    void strike(kill);
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, output })));
}

const deployment = () => ["--name", "shop", "--checkout", checkout];
const setup = () => ["setup", ...deployment(), "--data", ratings, "--api", api.origin];

test("setup is killed at random moments, and the last run finishes: one of each part, answering", async () => {
  const random = seededRandom(7);
  for (let kill = 0; kill < KILLS; kill++) {
    // Each gets further than the one before: what is there already is a line each.
    const lines = 1 + kill * 2 + Math.floor(random() * MOST_LINES);
    const { code, output } = await usher(setup(), { lines, ms: random() * SOON_MS });
    console.log(`killed (${code}) after: ${output.trim().split("\n").at(-1)}`);
  }
  const { code, output } = await usher(setup());
  expect(output).toContain("Usher is deployed");
  expect(output).not.toContain("FAIL");
  expect(code).toBe(0);
  const { account, neon } = accounts;
  expect([...account.namespaces.values()].map(({ title }) => title)).toEqual(["shop-releases"]);
  expect([...account.queues.values()].map(({ consumers }) => consumers.size)).toEqual([1, 1, 1]);
  expect([...account.scripts.keys()].sort()).toEqual(["shop-api", "shop-consumer", "shop-cron"]);
  expect(neon.projects.size).toBe(1);
  const list = await (await fetch(`${api.origin}/recommend/1`)).text();
  expect(list.split(",")).toHaveLength(20);
}, 240_000);

test("a second setup makes nothing, and a cycle works on what it made", async () => {
  const versions = () =>
    [...accounts.account.scripts.values()].map((script) => script.versions.size);
  const before = versions();
  const again = await usher([...setup(), "--json"]);
  expect(again.code, again.output).toBe(0);
  expect(versions()).toEqual(before);
  const { environment, operatorKey } = JSON.parse(
    again.output.split("\n").find((line) => line.startsWith("{"))!,
  );
  const denied = await fetch(`${api.origin}/v1/status`);
  expect(denied.status).toBe(401);
  const allowed = await fetch(`${api.origin}/v1/releases`, {
    headers: { authorization: `Bearer ${operatorKey}` },
  });
  expect(allowed.status).not.toBe(401);
  const cycle = await usher(["cycle"], undefined, {
    ...environment,
    USHER_HOME: path.join(folder, "home"),
  });
  expect(cycle.output).toContain("nothing has changed");
  expect(cycle.code).toBe(0);
}, 120_000);

const rollout = (tag: string) => [
  "rollout",
  ...deployment(),
  "--tag",
  tag,
  "--api",
  api.origin,
  "--minutes",
  "0.02",
];

test("a new version rolls out by the real Wrangler; one that fails is taken back", async () => {
  const script = accounts.account.scripts.get("shop-api")!;
  const good = await usher(rollout("v2"));
  expect(good.code, good.output).toBe(0);
  const [serving] = script.deployments[0]!.versions;
  expect(script.versions.get(serving!.id)?.tag).toBe("v2");

  accounts.account.traffic = (id) => ({ requests: 500, errors: id === serving!.id ? 0 : 100 });
  await appendFile(path.join(checkout, "worker/api/index.ts"), "\n// Another version.\n");
  const bad = await usher(rollout("v3"));
  expect(bad.output).toContain("ROLLED_BACK");
  expect(bad.code).toBe(1);
  expect(script.deployments[0]!.versions).toEqual([{ id: serving!.id, percentage: 100 }]);
}, 120_000);

test("destroy asks first, removes all but the database, and has nothing left to do when repeated", async () => {
  const unasked = await usher(["destroy", ...deployment()]);
  expect(unasked.output).toContain("NOT_CONFIRMED");
  expect(accounts.account.scripts.size).toBe(3);
  await usher(["destroy", ...deployment(), "--yes"], { lines: 9, ms: 10 });
  const destroyed = await usher(["destroy", ...deployment(), "--yes"]);
  expect(destroyed.code).toBe(0);
  const { account, neon } = accounts;
  expect([account.scripts.size, account.queues.size, account.namespaces.size]).toEqual([0, 0, 0]);
  expect(neon.projects.size).toBe(1);
  const again = await usher(["destroy", ...deployment(), "--yes", "--database"]);
  expect(again.output).toContain("ALL ITS DATA");
  expect(neon.projects.size).toBe(0);
}, 120_000);
