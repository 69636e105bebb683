import path from "node:path";
import { Command } from "commander";
import { mergeParts } from "../../trainer/merge.ts";
import { createProgress } from "../progress.ts";
import { recordIfPossible } from "../record-release.ts";

interface MergeOptions {
  readonly out?: string;
  readonly home?: string;
  readonly json?: boolean;
}

/** `usher merge PART…`: one release out of the parts that several machines made. */
export function mergeCommand(): Command {
  return new Command("merge")
    .argument("<parts...>", 'the directories that "usher lists --shard i/n" wrote, every one once')
    .option("--out <dir>", "where the release goes (default: beside the first part)")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print the outcome as one JSON object")
    .action(async (parts: string[], options: MergeOptions) => {
      const { out = path.dirname(path.resolve(parts[0]!)) } = options;
      const progress = createProgress();
      progress.step(`Merging ${parts.length} parts, comparing every checksum`);
      const { release, path: folder, manifest } = await mergeParts(parts, out);
      progress.done(`release ${release} with ${manifest.lists.users} lists in ${folder}`);
      await recordIfPossible(manifest, options.home, progress);
      if (options.json === true) console.log(JSON.stringify({ release, path: folder }));
    });
}
