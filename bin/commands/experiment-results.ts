import { Command } from "commander";
import { readResults } from "../../drizzle/experiment-results.ts";
import type { ExperimentResults } from "../../experiments/results.ts";
import { resultsCsv } from "../../experiments/results-csv.ts";
import { resultsInWords } from "../results-in-words.ts";
import { findSurroundings } from "../surroundings.ts";

/** `usher experiments results ID`: the verdict, and what it rests on. */
export function experimentResultsCommand(): Command {
  return new Command("results")
    .description("tell the verdict on an experiment, and what it rests on")
    .argument("<experiment>", "its id")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print one JSON object")
    .option("--csv", "print one table, a row for each arm, comparison, day and bin")
    .action(async (id: string, options: { home?: string; json?: boolean; csv?: boolean }) => {
      const around = await findSurroundings(options.home);
      try {
        const results = await readResults(around.database, id, new Date());
        console.log(written(results, options));
      } finally {
        await around.close();
      }
    });
}

function written(results: ExperimentResults, form: { json?: boolean; csv?: boolean }): string {
  if (form.json === true) return JSON.stringify(results);
  return form.csv === true ? resultsCsv(results).trimEnd() : resultsInWords(results);
}
