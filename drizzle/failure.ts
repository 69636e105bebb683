/** What a failed statement says to the person who reads it. */
import { UsherError } from "../release/error.ts";

/**
 * Runs a statement and, when it fails, says what was being done and why it failed.
 *
 * drizzle's own error repeats the statement with all its parameters: megabytes of people's ratings
 * in a log. Only Postgres' sentence is kept.
 *
 * @param doing the beginning of the sentence, such as `Storing 5,000 events`.
 * @throws UsherError `DATABASE_FAILED`
 */
export async function explained<T>(doing: string, statement: () => Promise<T>): Promise<T> {
  try {
    return await statement();
  } catch (error) {
    if (error instanceof UsherError) throw error;
    const cause = driverError(error);
    throw new UsherError("DATABASE_FAILED", `${doing} failed: ${cause.message}.`, { cause });
  }
}

/** The SQLSTATE of a failed statement (`40P01`: deadlock), or undefined when it never got that far. */
export function sqlState(error: unknown): string | undefined {
  return driverError(error).code;
}

/** True for a statement that was ended because it and another waited for each other. */
export function isDeadlock(error: unknown): boolean {
  return sqlState(error) === "40P01";
}

/** True for a lock that was not granted in the time that was set. */
export function isLockTimeout(error: unknown): boolean {
  return sqlState(error) === "55P03";
}

/** SQLSTATE of a broken check, which also stands for a row that no partition takes. */
const CHECK_VIOLATION = "23514";

/** True when a row found no partition; a check that it broke would be named. */
export function lacksPartition(error: unknown): boolean {
  const { code, constraint } = driverError(error);
  return code === CHECK_VIOLATION && constraint === undefined;
}

/** drizzle wraps the driver's error, and a WebSocket that fails throws an event rather than an error. */
function driverError(error: unknown): Error & { code?: string; constraint?: string } {
  const inner = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (inner instanceof Error) return inner;
  const { message } = (inner ?? {}) as { message?: unknown };
  const said = typeof message === "string" && message !== "";
  return new Error(said ? message : "the database cannot be reached");
}
