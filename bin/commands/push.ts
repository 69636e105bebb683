import path from "node:path";
import { Command } from "commander";
import { UsherError } from "../../release/error.ts";
import { planRelease, pushRelease } from "../../sync/push/push.ts";
import { createProgress } from "../progress.ts";
import { activate } from "../publish.ts";
import { findSurroundings } from "../surroundings.ts";

interface PushOptions {
  readonly home?: string;
  readonly plan?: boolean;
  readonly stage?: boolean;
}

/** `usher push RELEASE`: a release directory into Workers KV, whole or not at all. */
export function pushCommand(): Command {
  return new Command("push")
    .argument("<release>", "a release directory, or the id of one in this home")
    .option("--plan", "only tell what would be written")
    .option("--no-stage", "write and check the values, but leave the pointer alone")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .action(async (release: string, options: PushOptions) => {
      const progress = createProgress();
      const around = await findSurroundings(options.home, (message) =>
        progress.update(message, null),
      );
      try {
        const folder = release.includes(path.sep)
          ? release
          : path.join(around.home.releases, release);
        if (options.plan === true) {
          const plan = await planRelease(around.kv, folder);
          console.log(
            `${plan.release}: ${plan.writes} keys to write (${mega(plan.bytes)}) in ${plan.batches.length + 1} requests, ${plan.present} already there`,
          );
          return;
        }
        progress.step(`Pushing ${folder}`);
        const manifest = await pushRelease(around.kv, folder, {
          onProgress: ({ sentValues, plan }) =>
            progress.update(`${sentValues} of ${plan.writes} keys`, sentValues / plan.writes),
        });
        progress.done(`${manifest.release} is whole in KV`);
        if (options.stage === false) return;
        if (manifest.gate.passed || manifest.gate.forced) {
          await activate(around, manifest.release, progress);
          return;
        }
        throw new UsherError(
          "GATE_REFUSED",
          `${manifest.release} did not pass its gate and stays inactive: ${manifest.gate.reasons.join("; ")}`,
        );
      } finally {
        await around.close();
      }
    });
}

function mega(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
