/** A setup against stand-ins of both accounts: cut off at every request, refused, repeated. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Fault } from "../../local/control-plane/faults.ts";
import {
  copyCheckout,
  type MadeUpAccounts,
  openMadeUpAccounts,
} from "../../local/rehearsal/made-up-accounts.ts";
import { uploadDeployer } from "../../local/rehearsal/upload-deployer.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../../local/temporary-database.ts";
import { silentProgress } from "../progress.ts";
import { ApiClient } from "./api-client.ts";
import { planRemoval } from "./destroy.ts";
import { type SetupOptions, stateFile } from "./open-setup.ts";
import { planSetup, setUp } from "./setup.ts";
import { sourceDigest, sourceTag } from "./source-tag.ts";
import { CONFIG_PATHS } from "./wrangler-config.ts";

let postgres: TemporaryDatabase;
let folder: string;
let checkout: string;
let accounts: MadeUpAccounts;
let fault: (request: number, method: string) => Fault | null;
let requests: string[];
let sources: string;

beforeAll(async () => {
  postgres = await startTemporaryDatabase();
  folder = await mkdtemp(path.join(tmpdir(), "usher-setup-"));
  checkout = await copyCheckout(path.join(folder, "checkout"));
  sources = await sourceDigest(checkout);
});
afterAll(async () => {
  await accounts.stop();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Empty accounts, and the checkout as it was. */
beforeEach(() => begin());

async function begin(): Promise<void> {
  await accounts?.stop();
  fault = () => null;
  requests = [];
  accounts = await openMadeUpAccounts({
    postgres: postgres.postgres,
    databases: { create: async () => postgres.postgres.url, remove: async () => {} },
    faults: ({ method, path }) => {
      requests.push(`${method} ${path}`);
      return fault(requests.length - 1, method);
    },
  });
  await rm(path.join(checkout, ".usher"), { recursive: true, force: true });
  for (const file of Object.values(CONFIG_PATHS)) {
    await cp(new URL(`../../${file}`, import.meta.url), path.join(checkout, file));
  }
}

function options(wishes: Partial<SetupOptions["wishes"]> = {}, name = "shop"): SetupOptions {
  const { plane } = accounts;
  const patience = { attempts: 1, backoffMs: 1 };
  const client = new ApiClient({
    of: "Cloudflare",
    url: plane.url,
    token: plane.token,
    ...patience,
  });
  return {
    name,
    environment: accounts.environment,
    progress: silentProgress,
    deployer: uploadDeployer(checkout, plane, client),
    patience,
    sources,
    wishes: {
      checkout,
      bucket: true,
      subdomain: null,
      release: null,
      data: null,
      branchOf: null,
      // Somebody who answers at once: what the doctor finds there is not looked at here.
      api: plane.url,
      databaseUrl: null,
      databaseWsProxy: postgres.postgres.wsProxy,
      ...wishes,
    },
  };
}

/** All that the accounts hold, without ids and times. */
function holdings() {
  const { account, neon } = accounts;
  return {
    namespaces: [...account.namespaces.values()].map(({ title }) => title),
    queues: [...account.queues.values()].map(({ name, consumers }) => ({
      name,
      consumers: [...consumers.values()].map(({ script, deadLetterQueue }) => [
        script,
        deadLetterQueue,
      ]),
    })),
    scripts: [...account.scripts.values()].map(({ name, crons, secrets, onWorkersDev }) => ({
      name,
      crons: crons.length,
      secrets: [...secrets.keys()],
      onWorkersDev,
    })),
    buckets: [...account.buckets],
    projects: [...neon.projects.values()].map((project) => project.name),
  };
}

const WHOLE = {
  namespaces: ["shop-releases"],
  queues: [
    { name: "shop-events-dead", consumers: [["shop-consumer", null]] },
    { name: "shop-events", consumers: [["shop-consumer", "shop-events-dead"]] },
    { name: "shop-lists", consumers: [["shop-cron", null]] },
  ],
  scripts: [
    { name: "shop-consumer", crons: 0, secrets: ["DATABASE_URL"], onWorkersDev: false },
    { name: "shop-api", crons: 0, secrets: ["API_KEYS"], onWorkersDev: true },
    { name: "shop-cron", crons: 3, secrets: ["DATABASE_URL"], onWorkersDev: false },
  ],
  buckets: ["shop-snapshots"],
  projects: ["shop"],
};
const EMPTY = { namespaces: [], queues: [], scripts: [], buckets: [], projects: [] };

const writes = () => requests.filter((request) => !request.startsWith("GET"));

test("from empty accounts to one of each part, and a second run changes nothing", async () => {
  const { operatorKey, environment } = await setUp(options());
  expect(holdings()).toEqual(WHOLE);
  expect(operatorKey).toMatch(/^usher_/);
  const keys = accounts.account.scripts.get("shop-api")!.secrets.get("API_KEYS")!;
  expect(keys).not.toContain(operatorKey);
  const [namespaceId] = accounts.account.namespaces.keys();
  expect(environment["USHER_KV_NAMESPACE_ID"]).toBe(namespaceId);

  requests = [];
  const again = await setUp(options());
  expect(writes()).toEqual([]);
  expect(again.operatorKey).toBe(operatorKey);
});

test("cut off at any write, before or after it is carried out, the next run completes it", async () => {
  await setUp(options());
  // Reads change nothing: to be cut off at one is to be cut off at the write that follows.
  const points = [...requests.entries()].filter(([, request]) => !request.startsWith("GET"));
  expect(points.length).toBeGreaterThan(12);
  for (const [point, request] of points) {
    for (const kind of ["lost", "unanswered"] as const) {
      await begin();
      fault = (at) => (at < point ? null : { kind: at === point ? kind : "lost" });
      await expect(setUp(options()), `${request} ${kind}`).rejects.toThrow();
      fault = () => null;
      await setUp(options());
      expect(holdings(), `${request} ${kind}`).toEqual(WHOLE);
    }
  }
}, 300_000);

test("an answer that is lost on the way makes nothing twice, and ends nothing", async () => {
  await setUp(options());
  const made = /^POST .*\/(namespaces|queues|buckets|projects)$/;
  const points = [...requests.entries()].filter(([, request]) => made.test(request));
  expect(points).toHaveLength(6);
  for (const [point, request] of points) {
    await begin();
    fault = (at) => (at === point ? { kind: "unanswered" } : null);
    await setUp(options());
    expect(holdings(), request).toEqual(WHOLE);
  }
});

test("the Wrangler configurations get names and id, and keep every comment", async () => {
  await setUp(options());
  const [id] = accounts.account.namespaces.keys();
  for (const file of Object.values(CONFIG_PATHS)) {
    const text = await readFile(path.join(checkout, file), "utf8");
    const before = await readFile(new URL(`../../${file}`, import.meta.url), "utf8");
    expect(text).toContain(`id = "${id}"`);
    const settings = text.split("\n").filter((line) => !line.startsWith("#"));
    expect(settings.join("\n")).not.toContain('"usher-');
    const comments = (all: string) => all.split("\n").filter((line) => line.startsWith("#"));
    expect(comments(text)).toEqual(comments(before));
  }
});

test("changed code is deployed again, and told from the same code by its hash", async () => {
  await setUp(options());
  requests = [];
  await setUp({ ...options(), sources: sourceTag(sources, ["changed"]) });
  const uploads = () => requests.filter((request) => /^PUT .*\/scripts\/[\w-]+$/.test(request));
  expect(uploads()).toHaveLength(3);
  await writeFile(path.join(checkout, "release/a-new-file.ts"), "export {};\n");
  expect(await sourceDigest(checkout)).not.toBe(sources);
  await rm(path.join(checkout, "release/a-new-file.ts"));
  expect(await sourceDigest(checkout)).toBe(sources);
});

test("a dry run tells every step with its requests and changes nothing", async () => {
  const plan = await planSetup(options());
  expect(writes()).toEqual([]);
  expect(holdings()).toEqual(EMPTY);
  expect(plan.every(({ there, makes }) => there !== null || makes.length > 0)).toBe(true);
  expect(plan.flatMap(({ makes }) => makes).join("\n")).toContain('{"queue_name":"shop-events"}');
});

test("a token without a permission is told all that it lacks, before anything is made", async () => {
  accounts.account.permissions.delete("Queues");
  accounts.account.permissions.delete("Workers R2 Storage");
  const refused = expect(setUp(options())).rejects;
  await refused.toMatchObject({ code: "TOKEN_PERMISSIONS" });
  await expect(setUp(options())).rejects.toThrow(/Queues > Edit[\s\S]*R2 Storage > Edit/);
  expect(holdings()).toEqual(EMPTY);
});

test("a full account, a taken subdomain and a wrong token each get their own sentence", async () => {
  accounts.account.namespaceLimit = 0;
  await expect(setUp(options())).rejects.toThrow(/maximum number of namespaces \[10047\]/);
  accounts.account.subdomain = null;
  const taken = setUp(options({ subdomain: "taken" }));
  await expect(taken).rejects.toMatchObject({ code: "SUBDOMAIN_TAKEN" });
  const environment = { ...accounts.environment, CLOUDFLARE_API_TOKEN: "other" };
  const unknown = setUp({ ...options(), environment });
  await expect(unknown).rejects.toMatchObject({ code: "TOKEN_INVALID" });
});

test("a removal keeps what was there before and the database, and a second finds nothing", async () => {
  accounts.account.buckets.add("shop-snapshots");
  await setUp(options());
  const plan = await planRemoval({ ...options(), database: false });
  expect(plan.kept.join("\n")).toMatch(
    /R2 bucket shop-snapshots: it was there before[\s\S]*database/,
  );
  for (const { remove } of plan.removals) await remove();
  expect(holdings()).toEqual({ ...EMPTY, buckets: ["shop-snapshots"], projects: ["shop"] });
  await plan.finish();
  accounts.account.buckets.clear();
  const again = await planRemoval({ ...options(), database: false });
  expect(again.removals).toEqual([]);
});

test("a removal that is cut off anywhere is finished by the next", async () => {
  await setUp(options());
  const { removals } = await planRemoval({ ...options(), database: true });
  const count = removals.length;
  expect(count).toBe(12);
  for (let point = 0; point < count; point++) {
    const { removals } = await planRemoval({ ...options(), database: true });
    for (const { remove } of removals.slice(0, point)) await remove();
    const rest = await planRemoval({ ...options(), database: true });
    for (const { remove } of rest.removals) await remove();
    await rest.finish();
    expect(holdings()).toEqual(EMPTY);
    await setUp(options());
  }
});

test("two deployments stand side by side, and removing one leaves the other whole", async () => {
  await setUp(options());
  await setUp(options({ branchOf: "shop" }, "shop-pr-7"));
  expect(accounts.account.scripts.size).toBe(6);
  const branches = [...accounts.neon.projects.values()].flatMap((project) => [
    ...project.branches.values(),
  ]);
  expect(branches.map(({ name }) => name)).toEqual(["shop-pr-7"]);
  // As on a CI machine that has never seen the deployment.
  await rm(stateFile(checkout, "shop-pr-7"));
  const preview = { ...options({ branchOf: "shop" }, "shop-pr-7"), database: true };
  for (const { remove } of (await planRemoval(preview)).removals) await remove();
  expect(holdings()).toEqual(WHOLE);
});
