import { Command } from "commander";
import { markActive } from "../../drizzle/releases.ts";
import { UsherError } from "../../release/error.ts";
import { planRelease, pushRelease } from "../../sync/push/push.ts";
import { loadJob } from "../../trainer/lists-job.ts";
import { orderLists } from "../order-lists.ts";
import { createProgress, type Progress } from "../progress.ts";
import { activate } from "../publish.ts";
import { planAsJson, planInWords } from "../push-plan.ts";
import { count, size } from "../quantities.ts";
import { recordUnlessKnown } from "../record-release.ts";
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
    .option("--lists-at-edge", "an unlisted release: let the Workers make its lists")
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
    const plan = await planRelease(around.kv, folder);
    if (options.json === true) console.log(JSON.stringify(planAsJson(plan)));
    if (options.plan === true) {
      if (options.json !== true) console.log(planInWords(plan));
      return;
    }
    progress.step(`Pushing ${folder}: ${count(plan.writes)} keys, ${size(plan.bytes)}`);
    const manifest = await pushRelease(around.kv, folder, {
      mostItems: around.quotas.items,
      onProgress: ({ sentValues, sentBytes, plan }) =>
        progress.update(
          `${count(sentValues)} of ${count(plan.writes)} keys, ${size(sentBytes)}`,
          plan.bytes === 0 ? 1 : sentBytes / plan.bytes,
        ),
    });
    progress.done(`${plan.release} is whole in KV`);
    await recordUnlessKnown(around, manifest, progress);
    if (options.stage === false) return;
    const { gate } = manifest;
    if (!gate.passed && !gate.forced) throw gateRefused(plan.release, gate.reasons);
    await activate(around, plan.release, progress);
    await markActive(around.database, plan.release);
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
  await activate(around, release, progress);
  await markActive(around.database, release);
  if (json === true) console.log(JSON.stringify({ release, users: lists.users }));
}

function gateRefused(release: string, reasons: readonly string[]): UsherError {
  return new UsherError(
    "GATE_REFUSED",
    `${release} did not pass its gate and stays inactive: ${reasons.join("; ")}`,
  );
}
