import { Command } from "commander";
import { UsherError } from "../../release/error.ts";
import { checkApi } from "../../sync/doctor/api-checks.ts";
import { type Check, failure } from "../../sync/doctor/check.ts";
import { checkDatabase } from "../../sync/doctor/database-checks.ts";
import { checkKv } from "../../sync/doctor/kv-checks.ts";
import { checkWorker } from "../../sync/doctor/worker-checks.ts";
import { controlKeysIn } from "../../sync/kv/control-keys.ts";
import { findSurroundings, type Surroundings } from "../surroundings.ts";

/** `usher doctor`: looks at everything that must work, and says what to do about what does not. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .option("--home <dir>", "the local Usher's folder, when several run")
    .option("--json", "print one JSON object")
    .action(async (options: { home?: string; json?: boolean }) => {
      const checks = await examine(options.home);
      const healthy = checks.every((check) => check.verdict !== "failure");
      console.log(options.json === true ? JSON.stringify({ healthy, checks }) : inWords(checks));
      if (!healthy) process.exitCode = 1;
    });
}

async function examine(home: string | undefined): Promise<Check[]> {
  let around: Surroundings;
  try {
    around = await findSurroundings(home);
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
    return [
      failure("surroundings", error.message, "Everything else is looked at once this is so."),
    ];
  }
  try {
    const now = new Date();
    const pointer = controlKeysIn(around.kv).then(
      (keys) => keys.pointer,
      () => null,
    );
    const { api } = around;
    const checks = await Promise.all([
      checkKv(around.kv, now),
      checkDatabase(around.database, now),
      api === null ? [] : checkApi(api, await pointer, now),
      // On this machine KV is never away, and the code is what runs.
      api === null || around.place === "local"
        ? []
        : checkWorker(api, around.kv, await pointer, now),
    ]);
    return checks.flat();
  } finally {
    await around.close();
  }
}

const SIGNS = { good: "ok  ", warning: "warn", failure: "FAIL" } as const;

function inWords(checks: readonly Check[]): string {
  return checks
    .map(({ verdict, name, says, advice }) => {
      const todo = advice === undefined ? "" : `\n       ${advice}`;
      return `${SIGNS[verdict]}   ${name}: ${says}${todo}`;
    })
    .join("\n");
}
