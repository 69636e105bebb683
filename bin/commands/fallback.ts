import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { UsherError } from "../../release/error.ts";
import { fallbackOfServing } from "../../sync/fallback.ts";
import { createProgress, type Progress } from "../progress.ts";
import { findSurroundings, namesDeployed } from "../surroundings.ts";

/** What the API Worker's bundle takes in; empty in the repository. */
const FILE = fileURLToPath(new URL("../../worker/api/fallback.json", import.meta.url));

interface FallbackOptions {
  readonly deployed?: boolean;
  readonly file: string;
  readonly home?: string;
}

/** `usher fallback`: the popular items of what serves, for the bundle of the next deployment. */
export function fallbackCommand(): Command {
  return new Command("fallback")
    .option("--deployed", "before a deployment: what cannot be read stops nothing")
    .option("--file <path>", "where to write it", FILE)
    .option("--home <dir>", "the local Usher's folder, when several run")
    .action(writeFallback);
}

async function writeFallback(options: FallbackOptions): Promise<void> {
  const progress = createProgress();
  if (options.deployed !== true) return write(options, progress);
  if (!namesDeployed()) {
    progress.done(
      "The fallback list stays as it is: no deployed Usher is named, as for the other commands",
    );
    return;
  }
  await write(options, progress).catch((error: unknown) => {
    // A deployment may be what mends KV's reader; one that could not read what serves is not.
    if (!(error instanceof UsherError) || error.code === "FORMAT_UNREADABLE") throw error;
    progress.done(`The fallback list stays as it is: ${error.message}`);
  });
}

async function write({ file, home }: FallbackOptions, progress: Progress): Promise<void> {
  const around = await findSurroundings(home, (message) => progress.note(message));
  try {
    const list = await fallbackOfServing(around.kv, new Date());
    if (list === null) {
      progress.done(
        "The fallback list stays as it is: nothing serves yet. Deploy again once it does",
      );
      return;
    }
    await writeFile(file, `${JSON.stringify(list, null, 2)}\n`);
    progress.done(`${list.items.length} popular items of ${list.release} are in ${file}`);
  } finally {
    await around.close();
  }
}
