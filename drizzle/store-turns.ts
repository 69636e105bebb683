import type { Database } from "./database.ts";
import { explained } from "./failure.ts";

/** The number only has to be ours. */
const TURN = 7_316_405;

/**
 * Runs `use` while nobody else does who goes by this turn: those who move events into files that no
 * version names yet, and those who delete files that nothing names.
 */
export async function inTurn<Result>(
  database: Database,
  use: () => Promise<Result>,
): Promise<Result> {
  const client = await explained("Waiting for a turn", () => database.pool.connect());
  try {
    await explained("Waiting for a turn", () =>
      client.query("select pg_advisory_lock($1)", [TURN]),
    );
    return await use();
  } finally {
    // Closed rather than given back: the lock ends with the connection, whatever state it is in.
    client.release(true);
  }
}
