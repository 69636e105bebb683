import { Command } from "commander";
import type { Database } from "../../drizzle/database.ts";
import { type ImportSummary, importDirectory } from "../../trainer/import/import-directory.ts";
import { createProgress, type Progress } from "../progress.ts";
import { findSurroundings } from "../surroundings.ts";

/** `usher import DIR`: ratings and items from files into Postgres. */
export function importCommand(): Command {
  return new Command("import")
    .argument("<dir>", "folder that holds the files")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print the summary as one JSON object")
    .action(async (dir: string, options: { home?: string; json?: boolean }) => {
      const around = await findSurroundings(options.home);
      try {
        const summary = await importWithProgress(around.database, dir, createProgress());
        if (options.json === true) console.log(JSON.stringify(summary));
      } finally {
        await around.close();
      }
    });
}

/** Imports a folder and tells how it goes and what came of it. */
export async function importWithProgress(
  database: Database,
  dir: string,
  progress: Progress,
): Promise<ImportSummary> {
  progress.step(`Importing ${dir}`);
  const summary = await importDirectory(database, dir, {
    onProgress: ({ rows, fraction }) => progress.update(`${count(rows)} rows`, fraction),
  });
  progress.done(importSentence(summary));
  return summary;
}

function importSentence(summary: ImportSummary): string {
  const parts = [
    `${summary.format}: ${count(summary.rows)} ratings read`,
    `${count(summary.inserted)} new`,
    `${count(summary.duplicates)} known already`,
    `${count(summary.items)} items`,
  ];
  if (summary.quarantined > 0) parts.push(`${count(summary.quarantined)} bad rows in quarantine`);
  const reasons = Object.entries(summary.reasons).map(
    ([reason, times]) => `\n    ${count(times)} × ${reason}`,
  );
  return parts.join(", ") + reasons.join("");
}

function count(value: number): string {
  return value.toLocaleString("en");
}
