import { Command } from "commander";
import type { Database } from "../../drizzle/database.ts";
import { UsherError } from "../../release/error.ts";
import { type ImportSummary, importReading } from "../../trainer/import/import-directory.ts";
import type { DirectoryReading } from "../../trainer/import/read-directory.ts";
import { badRowsInWords } from "../bad-rows-in-words.ts";
import { openSource, withSource } from "../import-source.ts";
import { createProgress, type Progress } from "../progress.ts";
import { findSurroundings } from "../surroundings.ts";

/** `usher import [PLACE]`: ratings, items and users from files or standard input into Postgres. */
export function importCommand(): Command {
  return withSource(new Command("import"))
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print the summary as one JSON object")
    .action(async (place: string | undefined, options: ImportChoices) => {
      const around = await findSurroundings(options.home);
      try {
        const reading = await openSource(place, options);
        const name = place ?? "standard input";
        const summary = await importWithProgress(around.database, name, reading, createProgress());
        if (options.json === true) console.log(JSON.stringify(summary));
        requireSomething(name, summary);
      } finally {
        await around.close();
      }
    });
}

type ImportChoices = Parameters<typeof openSource>[1] & { home?: string; json?: boolean };

/** A file of bad rows alone is the wrong file or the wrong format: not a success, unlike a part of them. */
function requireSomething(name: string, summary: ImportSummary): void {
  const { rows, items, users, shown, quarantined } = summary;
  if (quarantined === 0 || rows + items + users + shown > 0) return;
  throw new UsherError(
    "IMPORT_NO_RATINGS",
    `Not one row of ${name} could be read; all ${count(quarantined)} are in quarantine, with the reasons above. Other columns, scales and times are described by a mapping: see --mapping and docs/events.md.`,
  );
}

/** Imports what has been opened and tells how it goes and what came of it. */
export async function importWithProgress(
  database: Database,
  name: string,
  reading: DirectoryReading,
  progress: Progress,
): Promise<ImportSummary> {
  progress.step(`Importing ${name}`);
  const summary = await importReading(database, reading, {
    onProgress: ({ rows, fraction }) =>
      progress.update(`${count(rows)} rows`, reading.bytes === 0 ? null : fraction),
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
  if (summary.users > 0) parts.push(`${count(summary.users)} users`);
  if (summary.shown > 0) parts.push(`${count(summary.shown)} lists that were shown`);
  const { quarantined: badRows, reasons } = summary;
  return parts.join(", ") + badRowsInWords({ badRows, reasons }, "in quarantine");
}

function count(value: number): string {
  return value.toLocaleString("en");
}
