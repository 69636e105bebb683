/** Every statement about users. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { userDigest } from "./erasures.ts";
import { explained } from "./failure.ts";

/** What is known about a user beside events. */
export interface UserRow {
  readonly userId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Stores users, newest attributes win by name; an erased user is left out. */
export async function upsertUsers(database: Database, rows: readonly UserRow[]): Promise<void> {
  if (rows.length === 0) return;
  // One statement may not name a user twice: the last description of a batch stands.
  const latest = [...new Map(rows.map((row) => [row.userId, row])).values()];
  const statement = sql`
    insert into users (user_id, attributes)
    select "userId", attributes
    from jsonb_to_recordset(${JSON.stringify(latest)}::jsonb) as row("userId" text, attributes jsonb)
    where not exists (select from erasures where user_hash = ${userDigest(sql`"userId"`)})
    order by 1
    on conflict (user_id) do update set attributes = users.attributes || excluded.attributes
      where not users.attributes @> excluded.attributes`;
  await explained(`Storing ${latest.length} users`, () => database.db.execute(statement));
}
