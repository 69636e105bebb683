/** Lists that users were shown in an experiment, with what they took from each. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { explained } from "./failure.ts";

/** For so long after it was shown, what happens to an item is put down to the list, in hours. */
const CREDITED_HOURS = 24;

export interface LoggedList {
  readonly userId: string;
  readonly arm: string;
  readonly release: string;
  /** Best first. */
  readonly items: readonly string[];
  /** Those of them that were clicked, played or rated 4 or more, each once. */
  readonly taken: readonly string[];
}

/**
 * The newest lists of an experiment, newest first. What was taken counts for the latest list that
 * showed it before.
 */
export async function loggedLists(
  database: Database,
  experimentId: string,
  most: number,
): Promise<LoggedList[]> {
  const result = await explained(`Reading the lists of ${experimentId}`, () =>
    database.db.execute(sql`
      with shown as materialized (
        select id, user_id, arm, release, served_at, items
        from served_lists where experiment_id = ${experimentId}
        order by served_at desc limit ${most}
      )
      select s.user_id as "userId", s.arm, s.release, s.items,
        coalesce(array_agg(distinct e.item_id) filter (where e.item_id is not null), '{}') as taken
      from shown s left join events e
        on e.user_id = s.user_id and e.item_id = any (s.items)
        and e.occurred_at >= s.served_at
        and e.occurred_at < s.served_at + make_interval(hours => ${CREDITED_HOURS})
        and (e.type in ('click', 'play') or (e.type = 'rate' and e.value >= 4))
        and not exists (
          select from shown later where later.user_id = s.user_id and later.served_at > s.served_at
            and later.served_at <= e.occurred_at and e.item_id = any (later.items))
      group by s.id, s.user_id, s.arm, s.release, s.served_at, s.items
      order by s.served_at desc, s.id`),
  );
  return result.rows as unknown as LoggedList[];
}
