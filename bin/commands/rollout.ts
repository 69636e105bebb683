import { setTimeout as sleep } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import { createProgress } from "../progress.ts";
import { probeVersion } from "../rollout/probe.ts";
import { rollOut } from "../rollout/rollout.ts";
import { trafficByVersion } from "../rollout/traffic.ts";
import { runWrangler } from "../setup/deployer.ts";
import { resourceNames } from "../setup/names.ts";
import { openCloudflare, wranglerEnvironment } from "../setup/open-setup.ts";
import { CONFIG_PATHS } from "../setup/wrangler-config.ts";
import { addDeploymentOptions, type DeploymentChoices, setupOptions } from "./setup.ts";

interface RolloutChoices extends DeploymentChoices {
  readonly tag: string;
  readonly api: string;
  readonly steps: readonly number[];
  readonly minutes: number;
  readonly leastRequests: number;
  readonly errorMargin: number;
  readonly json?: boolean;
}

const LOOK_MS = 30_000;

/** `usher rollout`: a new version of the API Worker, share by share, taken back when it errs. */
export function rolloutCommand(): Command {
  return addDeploymentOptions(new Command("rollout"))
    .requiredOption("--tag <tag>", "names the version; the same tag takes a rollout up again")
    .requiredOption(
      "--api <origin>",
      "where the API answers: the new version is probed there",
      asOrigin,
    )
    .option("--steps <percents>", "shares of the traffic, ending with 100", asSteps, [1, 10, 100])
    .option("--minutes <n>", "time at each share", asPositive, 10)
    .option("--least-requests <n>", "before errors say anything", asPositive, 100)
    .option("--error-margin <share>", "failed share above the old version's", asPositive, 0.01)
    .option("--json", "print the outcome as one JSON object")
    .action(roll);
}

async function roll(choices: RolloutChoices): Promise<void> {
  const { wishes, environment } = setupOptions(choices);
  const cloudflare = await openCloudflare(environment);
  const script = resourceNames(choices.name).workers.api;
  const upload = ["versions", "upload", "-c", CONFIG_PATHS.api, "--tag", choices.tag];
  const version = await rollOut(
    {
      script,
      tag: choices.tag,
      steps: choices.steps,
      holdMs: choices.minutes * 60_000,
      lookMs: Math.min(LOOK_MS, choices.minutes * 60_000),
      leastRequests: choices.leastRequests,
      errorMargin: choices.errorMargin,
    },
    {
      cloudflare,
      progress: createProgress(),
      upload: async () => {
        await runWrangler(wishes.checkout, upload, wranglerEnvironment(cloudflare, environment));
      },
      traffic: (since) => trafficByVersion(cloudflare, script, since),
      probe: (id) => probeVersion(choices.api, script, id),
      sleep: async (ms) => {
        await sleep(ms);
      },
      now: () => new Date(),
    },
  );
  if (choices.json === true) console.log(JSON.stringify({ script, version, tag: choices.tag }));
}

function asSteps(text: string): number[] {
  const steps = text.split(",").map(Number);
  const ascending = steps.every(
    (step, at) => step > (steps[at - 1] ?? 0) && Number.isInteger(step),
  );
  if (ascending && steps.at(-1) === 100) return steps;
  throw new InvalidArgumentError(
    "ascending whole percentages that end with 100, such as 1,10,100.",
  );
}

/** An unset variable of a workflow arrives as "": better refused than uploaded and then taken back. */
function asOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol)) return text.replace(/\/+$/, "");
  throw new InvalidArgumentError("an origin, such as https://usher-api.example.workers.dev.");
}

function asPositive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("a number above 0.");
}
