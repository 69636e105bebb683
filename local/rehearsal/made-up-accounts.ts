import { randomBytes } from "node:crypto";
import { cp, mkdir, symlink } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { WORKER_FOLDERS } from "../../bin/setup/source-tag.ts";
import { openDatabase } from "../../drizzle/database.ts";
import { activateStaged } from "../../sync/cron/activate.ts";
import { type Account, emptyAccount } from "../control-plane/account.ts";
import type { FaultPlan } from "../control-plane/faults.ts";
import { type ControlPlane, startControlPlane } from "../control-plane.ts";
import { cronStoreOf, MemoryKv } from "../memory-kv.ts";
import { type DatabaseSource, type NeonApi, startNeonApi } from "../neon-api.ts";
import type { LocalPostgres } from "../postgres.ts";

/** Empty accounts at Cloudflare and Neon, and a checkout to set up from: all of it on this machine. */
export interface MadeUpAccounts {
  readonly account: Account;
  readonly plane: ControlPlane;
  readonly neon: NeonApi;
  /** What a setup finds in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));
/** What Wrangler needs beside the Workers' code. */
const BESIDE = [
  "wrangler.toml",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "tsconfig.base.json",
];
const TICK_MS = 200;
const BUDGET = { values: 1_000, bytes: 1e9 };

/**
 * Opens the accounts.
 *
 * @param postgres where Neon's databases really are.
 * @param faults what goes wrong with which request, to Cloudflare and Neon alike.
 */
export async function openMadeUpAccounts(options: {
  postgres: LocalPostgres;
  databases?: DatabaseSource;
  faults?: FaultPlan;
}): Promise<MadeUpAccounts> {
  const { postgres, databases = databasesIn(postgres) } = options;
  const faults = options.faults === undefined ? {} : { faults: options.faults };
  const account = emptyAccount(randomBytes(16).toString("hex"));
  const plane = await startControlPlane({
    account,
    token: "cloudflare-token",
    requestsPer5Minutes: 1e6,
    ...faults,
  });
  const neon = await startNeonApi({ token: "neon-key", databases, ...faults });
  const clock = setInterval(() => void runCronWorkers(account), TICK_MS);
  return {
    account,
    plane,
    neon,
    environment: {
      CLOUDFLARE_API_BASE_URL: plane.url,
      CLOUDFLARE_API_TOKEN: plane.token,
      CLOUDFLARE_ACCOUNT_ID: account.id,
      NEON_API_BASE_URL: neon.url,
      NEON_API_KEY: "neon-key",
      DATABASE_WS_PROXY: postgres.wsProxy,
    },
    stop: async () => {
      clearInterval(clock);
      await plane.stop();
      await neon.stop();
    },
  };
}

/** Neon's projects as databases of one Postgres; a branch is a copy of its parent. */
function databasesIn(postgres: LocalPostgres): DatabaseSource {
  const run = async (...statements: string[]) => {
    const { pool, close } = openDatabase(postgres.url, { wsProxy: postgres.wsProxy });
    try {
      for (const statement of statements) await pool.query(statement);
    } finally {
      await close();
    }
  };
  return {
    create: async (id, parent) => {
      const template = parent === null ? "" : ` template "${parent}"`;
      // Postgres copies a database only while nobody is in it; Neon does not mind.
      await run(...(parent === null ? [] : [leave(parent)]), `create database "${id}"${template}`);
      const url = new URL(postgres.url);
      url.pathname = `/${id}`;
      return url.href;
    },
    remove: (id) => run(`drop database if exists "${id}" with (force)`),
  };
}

function leave(database: string): string {
  return `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`;
}

/** Copies what a deployment is built from, so that a rehearsal edits no configuration of ours. */
export async function copyCheckout(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const name of [...WORKER_FOLDERS, ...BESIDE]) {
    await cp(path.join(CHECKOUT, name), path.join(folder, name), { recursive: true });
  }
  await symlink(path.join(CHECKOUT, "node_modules"), path.join(folder, "node_modules"));
  return folder;
}

/** What the cron Workers of the account would do this minute: activate what is staged. */
async function runCronWorkers(account: Account): Promise<void> {
  for (const script of account.scripts.values()) {
    if (!script.crons.includes("* * * * *")) continue;
    const version = script.versions.get(script.deployments[0]?.versions[0]?.id ?? "");
    const bound = version?.bindings.find(({ type }) => type === "kv_namespace");
    const kv = account.namespaces.get(String(bound?.["namespace_id"]))?.kv;
    if (!(kv instanceof MemoryKv)) continue;
    await activateStaged(cronStoreOf(kv), { now: new Date(), budget: BUDGET, settleMs: 0 });
  }
}
