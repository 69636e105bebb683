/** Every statement about the lists that imported streams say were shown. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { userDigest } from "./erasures.ts";
import { explained } from "./failure.ts";

/** A list that was shown to a user; `servedAt` in epoch ms, items best first. */
interface NewShownList {
  readonly id: string;
  readonly userId: string;
  readonly servedAt: number;
  readonly items: readonly string[];
}

/** Keeps lists in one round trip; one known by its id changes nothing, an erased user's is left out. */
export async function insertShownLists(
  database: Database,
  lists: readonly NewShownList[],
): Promise<void> {
  if (lists.length === 0) return;
  await explained(`Keeping ${lists.length} lists that were shown`, () =>
    database.db.execute(sql`
      insert into served_lists (id, user_id, served_at, items)
      select id, "userId", to_timestamp("servedAt" / 1000), items
      from jsonb_to_recordset(${JSON.stringify(lists)}::jsonb)
        as list(id text, "userId" text, "servedAt" double precision, items text[])
      where not exists (select from erasures where user_hash = ${userDigest(sql`"userId"`)})
      order by 1
      on conflict (id) do nothing`),
  );
}
