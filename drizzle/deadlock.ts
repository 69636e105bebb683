import { sqlState } from "./failure.ts";

/** SQLSTATE of a statement that was ended because it and another waited for each other. */
const DEADLOCK = "40P01";
const ATTEMPTS = 3;

/** Runs a statement again that lost a deadlock: Postgres has undone all of it. */
export async function againAfterDeadlock<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (sqlState(error) !== DEADLOCK || attempt === ATTEMPTS) throw error;
    }
  }
}
