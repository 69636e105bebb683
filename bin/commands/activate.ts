import { Command, InvalidArgumentError } from "commander";
import { markActive } from "../../drizzle/releases.ts";
import { planActivation } from "../../release/activation.ts";
import { controlKeysIn, writePointer } from "../../sync/kv/control-keys.ts";
import { createProgress } from "../progress.ts";
import { activate } from "../publish.ts";
import { purgeCached } from "../purge.ts";
import { percent } from "../quantities.ts";
import { requireReadable } from "../require-readable.ts";
import { findSurroundings } from "../surroundings.ts";

interface ActivateOptions {
  readonly weight: number;
  readonly home?: string;
}

/** `usher activate RELEASE`: a release that is in KV serves everybody, or a share of the users. */
export function activateCommand(): Command {
  return new Command("activate")
    .argument("<release>", "the id of a release that has been pushed")
    .option(
      "--weight <percent>",
      "share of the users that it serves; the others keep the rest",
      asShare,
      1,
    )
    .option("--home <dir>", "the local Usher's folder, when several run")
    .action(activateShare);
}

async function activateShare(release: string, options: ActivateOptions): Promise<void> {
  const progress = createProgress();
  const around = await findSurroundings(options.home, (message) => progress.note(message));
  const share = options.weight;
  try {
    const now = new Date();
    const { pointer } = await controlKeysIn(around.kv);
    const plan = planActivation(pointer, release, share, now);
    if (plan.kind === "unchanged") {
      progress.done(`${release} serves ${percent(share)} of the users already`);
      return;
    }
    if (plan.kind === "stage") await activate(around, release, progress, share);
    else {
      await requireReadable(around.api, around.kv, release);
      await writePointer(around.kv, plan.pointer);
      progress.done(
        `${release} serves ${percent(share)} of the users; every location follows within a minute`,
      );
      const ended = pointer?.arms.map((arm) => arm.release) ?? [];
      progress.note(await purgeCached(around.api, process.env["USHER_API_KEY"], ended));
    }
    if (share === 1) await markActive(around.database, release);
  } finally {
    await around.close();
  }
}

function asShare(text: string): number {
  const value = Number(text.replace(/%$/, ""));
  if (value > 0 && value <= 100) return value / 100;
  throw new InvalidArgumentError("a weight is a percentage above 0 and up to 100.");
}
