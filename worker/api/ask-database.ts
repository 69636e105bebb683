import { Problem } from "./problem.ts";

/**
 * Asks the consumer Worker, which has the database.
 *
 * @param about names the question in the log.
 * @throws Problem 503 `DATABASE_UNAVAILABLE`.
 */
export async function askDatabase<T>(about: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    // The sentence of the database may quote what it was asked about.
    console.error(JSON.stringify({ [about]: "database failed", error: (error as Error).name }));
    throw new Problem(
      503,
      "DATABASE_UNAVAILABLE",
      "The database could not be reached just now. Send the same request again.",
      { headers: { "retry-after": "10" } },
    );
  }
}
