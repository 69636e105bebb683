import { Command } from "commander";
import { type RedriveSummary, redrive } from "../../trainer/import/redrive.ts";
import { createProgress } from "../progress.ts";
import { findSurroundings } from "../surroundings.ts";

/** `usher redrive`: what landed among the dead letters, back into the database. */
export function redriveCommand(): Command {
  return new Command("redrive")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print the summary as one JSON object")
    .action(async (options: { home?: string; json?: boolean }) => {
      const around = await findSurroundings(options.home);
      const progress = createProgress();
      try {
        progress.step("Redriving dead letters");
        const summary = await redrive(around.database, around.kv);
        progress.done(redriveSentence(summary));
        if (options.json === true) console.log(JSON.stringify(summary));
      } finally {
        await around.close();
      }
    });
}

function redriveSentence(summary: RedriveSummary): string {
  if (summary.messages === 0) return "no dead letters wait";
  const parts = [
    `${summary.messages} messages`,
    `${summary.inserted} events stored`,
    `${summary.duplicates} known already`,
  ];
  if (summary.quarantined > 0) parts.push(`${summary.quarantined} in quarantine`);
  if (summary.erased > 0) parts.push(`${summary.erased} of erased users left out`);
  if (summary.unreadable > 0) parts.push(`${summary.unreadable} messages still unreadable`);
  return parts.join(", ");
}
