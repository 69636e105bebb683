import { UsherError } from "../release/error.ts";
import { checkApi } from "../sync/doctor/api-checks.ts";
import { type Check, failure } from "../sync/doctor/check.ts";
import { checkDatabase } from "../sync/doctor/database-checks.ts";
import { checkKv } from "../sync/doctor/kv-checks.ts";
import { checkWorker } from "../sync/doctor/worker-checks.ts";
import { controlKeysIn } from "../sync/kv/control-keys.ts";
import { findSurroundings, type Surroundings } from "./surroundings.ts";

/** Looks at everything that must work in the surroundings that the environment or a home names. */
export async function examineSurroundings(home: string | undefined): Promise<Check[]> {
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
    return await examine(around);
  } finally {
    await around.close();
  }
}

/** Looks at KV, database and API. */
export async function examine(around: Surroundings): Promise<Check[]> {
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
    api === null || around.place === "local" ? [] : checkWorker(api, around.kv, await pointer, now),
  ]);
  return checks.flat();
}

const SIGNS = { good: "ok  ", warning: "warn", failure: "FAIL" } as const;

/** A line a check, and what to do below it. */
export function checksInWords(checks: readonly Check[]): string {
  return checks
    .map(({ verdict, name, says, advice }) => {
      const todo = advice === undefined ? "" : `\n       ${advice}`;
      return `${SIGNS[verdict]}   ${name}: ${says}${todo}`;
    })
    .join("\n");
}
