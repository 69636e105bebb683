import { Command } from "commander";
import { findExperiment } from "../../drizzle/experiments.ts";
import type { Replay } from "../../experiments/replay.ts";
import { replayExperiment } from "../replay-experiment.ts";
import { findSurroundings } from "../surroundings.ts";

/** `usher experiments replay ID RELEASE`: what a release would have earned in an experiment. */
export function experimentReplayCommand(): Command {
  return new Command("replay")
    .description("estimate what another release would have earned, from the lists that were shown")
    .argument("<experiment>", "a split experiment that ran")
    .argument("<release>", "one that is in the releases folder or in Workers KV")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print one JSON object")
    .action(async (id: string, release: string, options: { home?: string; json?: boolean }) => {
      const around = await findSurroundings(options.home);
      try {
        const experiment = await findExperiment(around.database, id);
        const estimate = await replayExperiment(around, experiment, release);
        console.log(options.json === true ? JSON.stringify(estimate) : inWords(release, estimate));
      } finally {
        await around.close();
      }
    });
}

function inWords(release: string, found: Replay): string {
  const { interval, relativeInterval } = found;
  return [
    `${release} would have had ${found.candidate.toFixed(3)} items taken from a list [${interval.low.toFixed(3)}, ${interval.high.toFixed(3)}], where ${found.logged.toFixed(3)} were: ${signed(found.relative)} % [${signed(relativeInterval.low)}, ${signed(relativeInterval.high)}].`,
    `  from       ${found.lists} lists of ${found.users} users, worth ${Math.round(found.effectiveUsers)} users`,
    `  overlap    ${(found.overlap * 100).toFixed(0)} % of its items could have been shown; ${(found.clipped * 100).toFixed(1)} % of the weights were cut`,
    "  assumes    items are taken for themselves, not for their place; an experiment would know",
  ].join("\n");
}

function signed(value: number): string {
  return `${value < 0 ? "" : "+"}${(value * 100).toFixed(1)}`;
}
