import path from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { checksInWords } from "../examine.ts";
import { createProgress } from "../progress.ts";
import { type SetupOptions, stateFile } from "../setup/open-setup.ts";
import { neededPermissions } from "../setup/permissions.ts";
import type { PlannedStep } from "../setup/run-steps.ts";
import { planSetup, type SetupResult, setUp } from "../setup/setup.ts";

/** What `usher setup` and `usher destroy` may both be told. */
export interface DeploymentChoices {
  readonly name: string;
  readonly checkout?: string;
  readonly branchOf?: string;
}

interface SetupChoices extends DeploymentChoices {
  readonly bucket?: boolean;
  readonly subdomain?: string;
  readonly release?: string;
  readonly data?: string;
  readonly api?: string;
  readonly dryRun?: boolean;
  readonly permissions?: boolean;
  readonly json?: boolean;
}

/** `usher setup`: from empty Cloudflare and Neon accounts to a running service. */
export function setupCommand(): Command {
  return addDeploymentOptions(new Command("setup"))
    .option("--release <dir>", "publish this release directory first")
    .option("--data <dir>", "import these ratings first, train, and publish")
    .option("--bucket", "make an R2 bucket for snapshots as well")
    .option("--subdomain <label>", "register this on workers.dev when the account has none")
    .option("--api <origin>", "where the API answers, when not on workers.dev")
    .option("--dry-run", "tell every step and the requests it would make; change nothing")
    .option("--permissions", "list what the tokens must be allowed to do, and why")
    .option("--json", "print one JSON object; it holds the owner's key")
    .action(async (choices: SetupChoices) => {
      if (choices.permissions === true) return console.log(permissionsInWords());
      const options = setupOptions(choices);
      if (choices.dryRun === true) {
        const plan = await planSetup(options);
        return console.log(choices.json === true ? JSON.stringify(plan) : planInWords(plan));
      }
      const result = await setUp(options);
      console.log(choices.json === true ? JSON.stringify(result) : resultInWords(result, options));
      if (result.checks.some(({ verdict }) => verdict === "failure")) process.exitCode = 1;
    });
}

/** The options by which setup and destroy know what they work on. */
export function addDeploymentOptions(command: Command): Command {
  return command
    .option("--name <name>", "what the deployment's parts are called after", "usher")
    .option("--branch-of <project>", "the database is a branch of this Neon project")
    .option("--checkout <dir>", "where the Wrangler configurations are (default: this checkout)");
}

/** Options, environment and defaults as a setup takes them. */
export function setupOptions(choices: SetupChoices): SetupOptions {
  const environment = process.env;
  return {
    name: choices.name,
    environment,
    progress: createProgress(),
    wishes: {
      checkout: path.resolve(choices.checkout ?? fileURLToPath(new URL("../..", import.meta.url))),
      bucket: choices.bucket ?? false,
      subdomain: choices.subdomain ?? null,
      release: choices.release ?? null,
      data: choices.data ?? null,
      branchOf: choices.branchOf ?? null,
      api: choices.api ?? environment["USHER_API"] ?? null,
      databaseUrl: environment["DATABASE_URL"] ?? null,
      databaseWsProxy: environment["DATABASE_WS_PROXY"],
    },
  };
}

function permissionsInWords(): string {
  const lines = neededPermissions(true).map(({ name, why }) => `  ${name}\n      ${why}`);
  return [
    "CLOUDFLARE_API_TOKEN, from https://dash.cloudflare.com/profile/api-tokens:",
    ...lines,
    "  Account > Account Analytics > Read",
    "      tells failed requests of a new version from those of the old (only for usher rollout)",
    "CLOUDFLARE_ACCOUNT_ID, unless the token sees a single account",
    "NEON_API_KEY, from https://console.neon.tech/app/settings/api-keys, makes and finds the database",
    "  (with NEON_ORG_ID if you are in several organisations); or DATABASE_URL, if you have one",
  ].join("\n");
}

function planInWords(plan: readonly PlannedStep[]): string {
  const lines = plan.map(({ what, there, makes }, at) => {
    if (there !== null) return `${at + 1}. ${what}: there (${there})`;
    return [`${at + 1}. ${what}: would be made`, ...makes.map((make) => `     ${make}`)].join("\n");
  });
  return [...lines, "Nothing was changed."].join("\n");
}

function resultInWords(
  { api, operatorKey, checks, environment }: SetupResult,
  { wishes, name }: SetupOptions,
): string {
  const { DATABASE_URL: _secret, ...shown } = environment;
  const exports_ = Object.entries(shown).map(([name, value]) => `  export ${name}=${value}`);
  return [
    `\n${checksInWords(checks)}`,
    `\nUsher is deployed: ${api}`,
    ownerKeyInWords(operatorKey, stateFile(wishes.checkout, name)),
    "\nFor the other commands (usher cycle, status, doctor, …), beside your tokens:\n",
    ...exports_,
    "  export DATABASE_URL=…   # the database's connection string; --json prints it",
    "\nThe Wrangler configurations hold your names and ids now: commit them.",
  ].join("\n");
}

/** The key itself only to a person at a terminal: logs of CI services are read by many. */
function ownerKeyInWords(key: string | null, file: string): string {
  if (key === null) {
    return '\nThe owner\'s API key was made on another machine. "usher keys" makes a new one.';
  }
  if (process.stdout.isTTY !== true) return `\nThe owner's API key is in ${file} (operatorKey).`;
  return `\nThe owner's API key, with all scopes. Keep it; anybody who has it may operate the service:\n\n  ${key}`;
}
