import path from "node:path";
import { UsherError } from "../../release/error.ts";
import type { Progress } from "../progress.ts";
import { CLOUDFLARE_API } from "../surroundings.ts";
import { openAccount } from "./account.ts";
import { ApiClient } from "./api-client.ts";
import type { CloudflareAccount } from "./cloudflare.ts";
import { type Deployer, wranglerDeployer } from "./deployer.ts";
import { resourceNames } from "./names.ts";
import { NeonAccount } from "./neon.ts";
import { sourceDigest } from "./source-tag.ts";
import { readState, writeState } from "./state.ts";
import type { Setup, SetupWishes } from "./step.ts";

const NEON_API = "https://console.neon.tech/api/v2";

/** The environment of a setup: tokens, and where the APIs are if not where they usually are. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a setup and its removal both begin with. */
export interface SetupOptions {
  readonly name: string;
  readonly wishes: SetupWishes;
  readonly environment: Environment;
  readonly progress: Progress;
  /** In place of Wrangler, for rehearsals. */
  readonly deployer?: Deployer;
  /** Hash of the Workers' code, for rehearsals that would read all of it a hundred times. */
  readonly sources?: string;
  /** Attempts at a request and the first pause in ms, for rehearsals. */
  readonly patience?: { readonly attempts: number; readonly backoffMs: number };
}

/** Where the state of a deployment's setup is kept. */
export function stateFile(checkout: string, deployment: string): string {
  return path.join(checkout, ".usher/setup", `${deployment}.json`);
}

/**
 * Opens the accounts that the environment's tokens lead to, and the state of what was done before.
 *
 * @throws UsherError `TOKEN_MISSING`, `TOKEN_INVALID`, `WHICH_ACCOUNT`, `SETUP_OTHER_ACCOUNT`.
 */
export async function openSetup(options: SetupOptions): Promise<Setup> {
  const { environment, wishes, progress } = options;
  const names = resourceNames(options.name);
  const cloudflare = await openCloudflare(environment, options.patience);
  const file = stateFile(wishes.checkout, names.deployment);
  const state = await readState(file, names.deployment);
  if (state.accountId !== null && state.accountId !== cloudflare.id) {
    throw new UsherError(
      "SETUP_OTHER_ACCOUNT",
      `"${names.deployment}" was set up in account ${state.accountId}, and this token works on ${cloudflare.id}. Choose another --name, or move ${file} away.`,
    );
  }
  state.accountId = cloudflare.id;
  const deployer =
    options.deployer ??
    wranglerDeployer(wishes.checkout, wranglerEnvironment(cloudflare, environment));
  return {
    names,
    wishes,
    cloudflare,
    neon: openNeon(environment, options.patience),
    deployer,
    sources: options.sources ?? (await sourceDigest(wishes.checkout)),
    state,
    saveState: () => writeState(file, state),
    facts: { namespaceId: null, subdomain: null, databaseUrl: null, directDatabaseUrl: null },
    progress,
  };
}

/** The Cloudflare account of the environment's token. */
export function openCloudflare(
  environment: Environment,
  patience: SetupOptions["patience"] = undefined,
): Promise<CloudflareAccount> {
  const token = environment["CLOUDFLARE_API_TOKEN"] ?? "";
  if (token === "") {
    throw new UsherError(
      "TOKEN_MISSING",
      'Set CLOUDFLARE_API_TOKEN. "usher setup --permissions" lists what the token must be allowed to do, and why.',
    );
  }
  const url = environment["CLOUDFLARE_API_BASE_URL"] ?? CLOUDFLARE_API;
  const client = new ApiClient({ of: "Cloudflare", url, token, ...patience });
  return openAccount(client, environment["CLOUDFLARE_ACCOUNT_ID"]);
}

function openNeon(
  environment: Environment,
  patience: SetupOptions["patience"],
): NeonAccount | null {
  const token = environment["NEON_API_KEY"] ?? "";
  if (token === "") return null;
  const url = environment["NEON_API_BASE_URL"] ?? NEON_API;
  const client = new ApiClient({ of: "Neon", url, token, ...patience });
  return new NeonAccount(client, environment["NEON_ORG_ID"]);
}

/** What Wrangler must be told; the rest it takes from its configuration. */
export function wranglerEnvironment(
  cloudflare: CloudflareAccount,
  environment: Environment,
): Record<string, string> {
  return {
    CLOUDFLARE_API_TOKEN: environment["CLOUDFLARE_API_TOKEN"] ?? "",
    CLOUDFLARE_ACCOUNT_ID: cloudflare.id,
    CLOUDFLARE_API_BASE_URL: environment["CLOUDFLARE_API_BASE_URL"] ?? CLOUDFLARE_API,
  };
}
