/** Every statement about queue messages that could not be read. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { explained } from "./failure.ts";

/** A queue message as it came; `body` is its JSON. */
export interface NewDeadLetter {
  readonly messageId: string;
  readonly body: string;
  readonly reason: string;
}

/** A kept message that has not been redriven. */
export interface DeadLetter extends NewDeadLetter {
  readonly id: number;
}

/** Messages that wait to be redriven, oldest first, after the one named. */
export async function waitingDeadLetters(
  database: Database,
  afterId: number,
  limit: number,
): Promise<DeadLetter[]> {
  const result = await explained("Reading the dead letters", () =>
    database.db.execute(sql`
      select id::double precision as id, message_id as "messageId", body, reason
      from dead_letters where redriven_at is null and id > ${afterId}
      order by dead_letters.id limit ${limit}`),
  );
  return result.rows as unknown as DeadLetter[];
}

/** Notes that these messages have been read and stored. */
export async function markRedriven(database: Database, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await explained("Noting the redriven dead letters", () =>
    database.db.execute(sql`
      update dead_letters set redriven_at = now()
      where id in (select value::bigint from jsonb_array_elements(${JSON.stringify(ids)}::jsonb))`),
  );
}
