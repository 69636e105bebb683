import { Command } from "commander";
import { listExperiments } from "../../drizzle/experiments.ts";
import { experimentsInWords } from "../experiments-in-words.ts";
import { findSurroundings } from "../surroundings.ts";
import { experimentDefineCommand } from "./experiment-define.ts";
import { experimentReplayCommand } from "./experiment-replay.ts";
import { experimentResultsCommand } from "./experiment-results.ts";
import {
  experimentShipCommand,
  experimentStartCommand,
  experimentStopCommand,
} from "./experiment-run.ts";

const MOST_EXPERIMENTS = 100;

/** `usher experiments [define | start | stop | ship | results | replay]`: what is compared, was and is to be. */
export function experimentsCommand(): Command {
  return new Command("experiments")
    .enablePositionalOptions()
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print one JSON array")
    .action(async (options: { home?: string; json?: boolean }) => {
      const around = await findSurroundings(options.home);
      try {
        const listed = await listExperiments(around.database, MOST_EXPERIMENTS);
        console.log(options.json ? JSON.stringify(listed) : experimentsInWords(listed, new Date()));
      } finally {
        await around.close();
      }
    })
    .addCommand(experimentDefineCommand())
    .addCommand(experimentStartCommand())
    .addCommand(experimentStopCommand())
    .addCommand(experimentShipCommand())
    .addCommand(experimentResultsCommand())
    .addCommand(experimentReplayCommand());
}
