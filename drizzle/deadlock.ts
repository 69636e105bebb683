import { isDeadlock } from "./failure.ts";

const ATTEMPTS = 3;

/**
 * Runs a statement again that failed for a reason that passes: Postgres has undone all of it.
 *
 * @param mend whether it may be tried again; may do something for it first.
 */
export async function again<Result>(
  run: () => Promise<Result>,
  mend: (error: unknown) => boolean | Promise<boolean>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt === ATTEMPTS || !(await mend(error))) throw error;
    }
  }
}

/** Runs a statement again that lost a deadlock. */
export function againAfterDeadlock<Result>(run: () => Promise<Result>): Promise<Result> {
  return again(run, isDeadlock);
}
