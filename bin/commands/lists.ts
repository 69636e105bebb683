import path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import type { ListsShare } from "../../trainer/lists.ts";
import { loadJob, rerankedJob } from "../../trainer/lists-job.ts";
import type { ListDiversity } from "../../trainer/lists-plan.ts";
import { releaseJob, writePart } from "../../trainer/lists-release.ts";
import type { OnProgress } from "../../trainer/progress.ts";
import { diversityOption } from "../model-options.ts";
import { createProgress } from "../progress.ts";
import { recordIfPossible } from "../record-release.ts";

interface ListsOptions {
  readonly shard?: ListsShare;
  readonly out?: string;
  readonly threads?: number;
  readonly diversity?: ListDiversity;
  readonly home?: string;
  readonly json?: boolean;
}

/** `usher lists UNLISTED`: the lists of a release that was trained without them, all or a share. */
export function listsCommand(): Command {
  return new Command("lists")
    .argument("<unlisted>", 'the directory that "usher train --lists none" wrote')
    .option("--shard <i/n>", "make the i-th of n shares (from 1); usher merge joins them", share)
    .option("--out <dir>", "where release or part go (default: beside the unlisted release)")
    .option("--threads <n>", "threads to score on (default: one a core)", threadCount)
    .addOption(diversityOption())
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print the outcome as one JSON object")
    .action(async (unlisted: string, options: ListsOptions) => {
      const { shard, threads, out = path.dirname(path.resolve(unlisted)) } = options;
      const progress = createProgress();
      progress.step(`Reading ${unlisted}`);
      const saved = await loadJob(unlisted);
      const { diversity } = options;
      const job = diversity === undefined ? saved : rerankedJob(saved, diversity);
      const { rows, cols } = job.profiles;
      progress.step(
        `Lists of ${rows.toLocaleString("en")} users over ${cols.toLocaleString("en")} items${shard === undefined ? "" : `, share ${shard.part} of ${shard.of}`}`,
      );
      const onProgress: OnProgress = ({ message, fraction }) =>
        progress.update(message, fraction ?? null);
      const settings = { threads, onProgress };
      if (shard === undefined) {
        const { release, path: folder, manifest } = await releaseJob(job, out, settings);
        progress.done(`release ${release} in ${folder}`);
        await recordIfPossible(manifest, options.home, progress);
        if (options.json === true) console.log(JSON.stringify({ release, path: folder }));
        return;
      }
      const part = await writePart(job, out, { ...settings, share: shard });
      progress.done(`${part.users.toLocaleString("en")} lists in ${part.path}`);
      if (options.json === true) console.log(JSON.stringify(part));
    });
}

function share(text: string): ListsShare {
  const [, part, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (part === undefined || of === undefined || Number(part) < 1 || Number(part) > Number(of)) {
    throw new InvalidArgumentError("it takes i/n, such as 1/4 for the first of four.");
  }
  return { part: Number(part), of: Number(of) };
}

function threadCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1024) return count;
  throw new InvalidArgumentError("it takes a whole number from 1 on.");
}
