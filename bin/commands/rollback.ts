import { Command } from "commander";
import { markActive } from "../../drizzle/releases.ts";
import { UsherError } from "../../release/error.ts";
import { rolledBack } from "../../release/pointer-change.ts";
import { controlKeysIn, writePointer } from "../../sync/kv/control-keys.ts";
import { createProgress } from "../progress.ts";
import { purgeCached } from "../purge.ts";
import { requireReadable } from "../require-readable.ts";
import { findSurroundings } from "../surroundings.ts";

/** `usher rollback`: the release before serves everybody again, by one write. */
export function rollbackCommand(): Command {
  return new Command("rollback")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print one JSON object")
    .action(async (options: { home?: string; json?: boolean }) => {
      const progress = createProgress();
      const around = await findSurroundings(options.home, (message) => progress.note(message));
      try {
        const { pointer } = await controlKeysIn(around.kv);
        if (pointer === null) {
          throw new UsherError("NOTHING_BEFORE", 'Nothing serves yet. Run "usher cycle".');
        }
        const back = rolledBack(pointer, new Date());
        const release = back.arms[0]!.release;
        await requireReadable(around.api, around.kv, release);
        await writePointer(around.kv, back);
        await markActive(around.database, release);
        const ended = pointer.arms.map((arm) => arm.release);
        const purged = await purgeCached(around.api, process.env["USHER_API_KEY"], ended);
        if (options.json === true) {
          console.log(JSON.stringify({ release, left: back.previous, purged }));
        }
        progress.done(
          `${release} serves everybody again; every location follows within a minute. "usher activate ${back.previous}" takes it back`,
        );
        progress.note(purged);
      } finally {
        await around.close();
      }
    });
}
