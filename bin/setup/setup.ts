import path from "node:path";
import { homeAt } from "../../local/home.ts";
import type { Check } from "../../sync/doctor/check.ts";
import { examine } from "../examine.ts";
import { openSurroundings, type Surroundings } from "../surroundings.ts";
import { databaseSteps } from "./database-steps.ts";
import { firstReleaseStep } from "./first-release.ts";
import { openSetup, type SetupOptions, wranglerEnvironment } from "./open-setup.ts";
import { requirePermissions } from "./permissions.ts";
import { type PlannedStep, planSteps, runSteps } from "./run-steps.ts";
import { known, type Setup, type Step } from "./step.ts";
import { storageSteps } from "./storage-steps.ts";
import { workerSteps } from "./worker-steps.ts";

/** What a setup came to. */
export interface SetupResult {
  /** Origin of the API. */
  readonly api: string;
  /** The owner's API key; null when a former setup's key is in force and this machine lacks it. */
  readonly operatorKey: string | null;
  /** What the doctor found. */
  readonly checks: readonly Check[];
  /** The environment in which other commands work on this deployment; it holds secrets. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * From empty accounts to a running service. Running it again finds everything and changes nothing;
 * after a run that was killed, the next goes on where it ended.
 *
 * @throws UsherError that says which part could not be made, why, and what to do.
 */
export async function setUp(options: SetupOptions): Promise<SetupResult> {
  const setup = await openSetup(options);
  await requirePermissions(setup.cloudflare, setup.wishes.bucket);
  setup.progress.done(`token: account ${setup.cloudflare.id}, may read all that is needed`);
  await runSteps(setup, stepsOf(setup, options));
  const around = deployedBy(setup, options);
  try {
    return {
      api: apiOf(setup),
      operatorKey: setup.state.operatorKey?.key ?? null,
      checks: await examine(around),
      environment: environmentOf(setup, options),
    };
  } finally {
    await around.close();
  }
}

/** What a setup would do; it reads the accounts, and changes nothing. */
export async function planSetup(options: SetupOptions): Promise<readonly PlannedStep[]> {
  const setup = await openSetup(options);
  await requirePermissions(setup.cloudflare, setup.wishes.bucket);
  return planSteps(stepsOf(setup, options));
}

function stepsOf(setup: Setup, options: SetupOptions): Step[] {
  return [
    ...databaseSteps(setup),
    ...storageSteps(setup),
    ...workerSteps(setup),
    firstReleaseStep(setup, () => deployedBy(setup, options)),
  ];
}

function apiOf({ wishes, names, facts }: Setup): string {
  return wishes.api ?? `https://${names.workers.api}.${facts.subdomain}.workers.dev`;
}

/** Where this machine keeps the deployment's releases and snapshots. */
function homeOf({ wishes, names }: Setup): string {
  return path.join(wishes.checkout, ".usher", `deployed-${names.deployment}`);
}

function environmentOf(setup: Setup, { environment }: SetupOptions): Record<string, string> {
  const { CLOUDFLARE_ACCOUNT_ID = "" } = wranglerEnvironment(setup.cloudflare, environment);
  return {
    CLOUDFLARE_ACCOUNT_ID,
    USHER_KV_NAMESPACE_ID: known(setup.facts.namespaceId, "the namespace"),
    DATABASE_URL: known(setup.facts.directDatabaseUrl, "the database"),
    USHER_API: apiOf(setup),
    USHER_HOME: homeOf(setup),
  };
}

/** What the steps have made, as other commands see it. */
function deployedBy(setup: Setup, { environment, patience }: SetupOptions): Surroundings {
  const { wishes, facts, progress } = setup;
  const cloudflare = wranglerEnvironment(setup.cloudflare, environment);
  return openSurroundings({
    place: "deployed",
    home: homeAt(homeOf(setup)),
    api: apiOf(setup),
    databaseUrl: known(facts.directDatabaseUrl, "the database"),
    wsProxy: wishes.databaseWsProxy,
    access: {
      url: cloudflare["CLOUDFLARE_API_BASE_URL"]!,
      accountId: setup.cloudflare.id,
      namespaceId: known(facts.namespaceId, "the namespace"),
      token: cloudflare["CLOUDFLARE_API_TOKEN"]!,
      onRetry: (message) => progress.note(message),
      ...patience,
    },
    runCron: null,
  });
}
