import { Command } from "commander";
import { lastCronRuns } from "../../drizzle/cron-runs.ts";
import { countStored } from "../../drizzle/events.ts";
import { controlKeysIn } from "../../sync/kv/control-keys.ts";
import { type Status, statusInWords } from "../status-in-words.ts";
import { findSurroundings } from "../surroundings.ts";

/** `usher status`: what serves where, what waits, what the cron Worker did, what is stored. */
export function statusCommand(): Command {
  return new Command("status")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print one JSON object")
    .action(async (options: { home?: string; json?: boolean }) => {
      const around = await findSurroundings(options.home);
      try {
        const [keys, stored, cron] = await Promise.all([
          controlKeysIn(around.kv),
          countStored(around.database),
          lastCronRuns(around.database),
        ]);
        const status: Status = { place: around.place, api: around.api, ...keys, cron, stored };
        console.log(
          options.json === true ? JSON.stringify(status) : statusInWords(status, new Date()),
        );
      } finally {
        await around.close();
      }
    });
}
