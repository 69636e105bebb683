import { Command, Option } from "commander";
import { UsherError } from "../../release/error.ts";
import { planRelease } from "../../sync/push/push.ts";
import { loadJob } from "../../trainer/lists-job.ts";
import { orderLists } from "../order-lists.ts";
import { createProgress, type Progress } from "../progress.ts";
import { pushDirectory, serve } from "../publish-release.ts";
import { planAsJson, planInWords } from "../push-plan.ts";
import { count } from "../quantities.ts";
import { releaseDirectory } from "../release-directory.ts";
import { findSurroundings, type Surroundings } from "../surroundings.ts";

interface PushOptions {
  readonly home?: string;
  readonly plan?: boolean;
  readonly stage?: boolean;
  readonly listsAtEdge?: boolean;
  readonly json?: boolean;
}

/** `usher push RELEASE`: a release directory into Workers KV, whole or not at all. */
export function pushCommand(): Command {
  return new Command("push")
    .argument("<release>", "a release directory, or the id of one in this home")
    .option("--plan", "only tell what would be written and what it would cost")
    .addOption(
      // What the Workers make is neither known before nor whole while this command looks on.
      new Option(
        "--lists-at-edge",
        "an unlisted release: let the Workers make its lists",
      ).conflicts(["plan", "stage"]),
    )
    .option("--no-stage", "write and check the values, but leave the pointer alone")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print one JSON object")
    .action(push);
}

async function push(release: string, options: PushOptions): Promise<void> {
  const progress = createProgress();
  const around = await findSurroundings(options.home, (message) => progress.note(message));
  try {
    const folder = releaseDirectory(around.home.releases, release);
    if (options.listsAtEdge === true) return await pushUnlisted(around, release, options, progress);
    const plan = await planRelease(around.kv, folder, { mostItems: around.quotas.items });
    if (options.json === true) console.log(JSON.stringify(planAsJson(plan)));
    if (options.plan === true) {
      if (options.json !== true) console.log(planInWords(plan));
      return;
    }
    const { gate } = await pushDirectory(around, folder, progress);
    if (options.stage === false) return;
    if (!gate.passed && !gate.forced) throw gateRefused(plan.release, gate.reasons);
    await serve(around, plan.release, progress);
  } finally {
    await around.close();
  }
}

async function pushUnlisted(
  around: Surroundings,
  unlisted: string,
  { json }: PushOptions,
  progress: Progress,
): Promise<void> {
  progress.step(`Reading ${unlisted}`);
  const { release, lists } = await orderLists(around, await loadJob(unlisted), progress);
  progress.done(`${release} is whole in KV, with lists of ${count(lists.users)} users`);
  await serve(around, release, progress);
  if (json === true) console.log(JSON.stringify({ release, users: lists.users }));
}

function gateRefused(release: string, reasons: readonly string[]): UsherError {
  return new UsherError(
    "GATE_REFUSED",
    `${release} did not pass its gate and stays inactive: ${reasons.join("; ")}`,
  );
}
