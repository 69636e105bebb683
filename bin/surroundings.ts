import path from "node:path";
import { type Database, openDatabase } from "../drizzle/database.ts";
import { tenantDatabaseUrl } from "../drizzle/tenant-database.ts";
import type { LocalCloud } from "../local/cloud.ts";
import { type Home, homeAt } from "../local/home.ts";
import { UsherError } from "../release/error.ts";
import type { Quotas } from "../release/quota.ts";
import { type RestAccess, restKvStore } from "../sync/kv/rest.ts";
import type { KvStore } from "../sync/kv/store.ts";
import { findRunning } from "./homes.ts";
import { askedTenant, ofTenant } from "./tenant-surroundings.ts";

/** What a command works on: a database, Workers KV and a folder for releases, here or deployed. */
export interface Surroundings {
  readonly place: "local" | "deployed";
  readonly home: Home;
  readonly database: Database;
  readonly kv: KvStore;
  /** Runs the cron Worker now; null where the platform's own clock does it within a minute. */
  readonly runCron: ((cron: string) => Promise<void>) | null;
  /** Where the API Worker answers, when known: its origin, with a tenant's path behind it. */
  readonly api: string | null;
  /** Opens a tenant's database, which whoever asked closes; nothing connects before it is needed. */
  readonly tenantDatabase: (tenant: string) => {
    readonly url: string;
    readonly database: Database;
  };
  /** A tenant's; the deployment's own catalogue has none. */
  readonly quotas: Quotas;
  close(): Promise<void>;
}

/** Where Cloudflare's REST API is, unless `CLOUDFLARE_API_BASE_URL` says otherwise. */
export const CLOUDFLARE_API = "https://api.cloudflare.com/client/v4";
const DEPLOYED = [
  "DATABASE_URL",
  "CLOUDFLARE_ACCOUNT_ID",
  "CLOUDFLARE_API_TOKEN",
  "USHER_KV_NAMESPACE_ID",
] as const;

/** Whether the environment names a deployed service, wholly or in part. */
export function namesDeployed(): boolean {
  return DEPLOYED.some((name) => setting(name) !== undefined);
}

/**
 * Finds what a command works on: of a tenant, where one is asked for, or the deployment's own.
 *
 * @throws UsherError `UNKNOWN_TENANT`, and what `findDeployment` throws.
 */
export async function findSurroundings(
  homeOption: string | undefined,
  onRetry?: (message: string) => void,
): Promise<Surroundings> {
  const tenant = askedTenant();
  const deployment = await findDeployment(homeOption, onRetry);
  if (tenant === null) return deployment;
  return ofTenant(deployment, tenant).catch(async (error: unknown) => {
    await deployment.close();
    throw error;
  });
}

/**
 * Finds the deployed service when the environment names one, otherwise the local Usher that runs.
 *
 * @throws UsherError `ENVIRONMENT_INCOMPLETE` when only some of the variables are set.
 */
export async function findDeployment(
  homeOption: string | undefined,
  onRetry?: (message: string) => void,
): Promise<Surroundings> {
  const given = DEPLOYED.filter((name) => setting(name) !== undefined);
  if (homeOption === undefined && given.length === DEPLOYED.length) return deployed(onRetry);
  if (homeOption === undefined && given.length > 0) {
    const missing = DEPLOYED.filter((name) => !given.includes(name)).join(", ");
    throw new UsherError(
      "ENVIRONMENT_INCOMPLETE",
      `${given.join(", ")} set, but not ${missing}. A deployed Usher needs all four; a local one needs none of them.`,
    );
  }
  const { home, running } = await findRunning(homeOption);
  return openSurroundings({
    place: "local",
    home,
    api: running.api,
    databaseUrl: running.databaseUrl,
    wsProxy: running.databaseWsProxy,
    access: { ...running.controlPlane, ...(onRetry === undefined ? {} : { onRetry }) },
    runCron: (cron) => postCron(running.controlPlane, cron),
  });
}

/** The surroundings of a local cloud that runs in this very process; closing them leaves it running. */
export function surroundingsOf(cloud: LocalCloud): Surroundings {
  return {
    place: "local",
    home: cloud.home,
    database: cloud.database,
    kv: restKvStore(cloud.controlPlane),
    runCron: (cron) => cloud.workers.runCron(cron),
    api: cloud.api,
    tenantDatabase: tenantDatabases(cloud.postgres.url, cloud.postgres.wsProxy),
    quotas: {},
    close: async () => {},
  };
}

/** A variable of the environment; an empty one counts as unset, as workflows pass what they lack. */
function setting(name: string): string | undefined {
  return process.env[name] || undefined;
}

function deployed(onRetry: ((message: string) => void) | undefined): Surroundings {
  return openSurroundings({
    place: "deployed",
    home: homeAt(path.resolve(setting("USHER_HOME") ?? ".usher/deployed")),
    api: setting("USHER_API") ?? null,
    databaseUrl: process.env["DATABASE_URL"]!,
    wsProxy: setting("DATABASE_WS_PROXY"),
    access: {
      url: setting("CLOUDFLARE_API_BASE_URL") ?? CLOUDFLARE_API,
      accountId: process.env["CLOUDFLARE_ACCOUNT_ID"]!,
      namespaceId: process.env["USHER_KV_NAMESPACE_ID"]!,
      token: process.env["CLOUDFLARE_API_TOKEN"]!,
      ...(onRetry === undefined ? {} : { onRetry }),
    },
    runCron: null,
  });
}

/** What surroundings are opened from. */
export interface SurroundingsParts {
  readonly place: "local" | "deployed";
  readonly home: Home;
  readonly api: string | null;
  readonly databaseUrl: string;
  readonly wsProxy: string | undefined;
  readonly access: RestAccess;
  readonly runCron: ((cron: string) => Promise<void>) | null;
}

/** Opens surroundings; whoever does closes them. */
export function openSurroundings(parts: SurroundingsParts): Surroundings {
  const database = openDatabase(parts.databaseUrl, { wsProxy: parts.wsProxy });
  return {
    place: parts.place,
    home: parts.home,
    api: parts.api,
    database,
    kv: restKvStore(parts.access),
    runCron: parts.runCron,
    tenantDatabase: tenantDatabases(parts.databaseUrl, parts.wsProxy),
    quotas: {},
    close: () => database.close(),
  };
}

function tenantDatabases(
  databaseUrl: string,
  wsProxy: string | undefined,
): Surroundings["tenantDatabase"] {
  return (tenant) => {
    const url = tenantDatabaseUrl(databaseUrl, tenant);
    return { url, database: openDatabase(url, { wsProxy }) };
  };
}

async function postCron(access: RestAccess, cron: string): Promise<void> {
  const url = new URL(`/scheduled/${encodeURIComponent(cron)}`, access.url);
  const headers = { authorization: `Bearer ${access.token}` };
  const response = await fetch(url, { method: "POST", headers });
  if (!response.ok) {
    throw new UsherError("CRON_FAILED", `The cron Worker failed: ${await response.text()}`);
  }
}
