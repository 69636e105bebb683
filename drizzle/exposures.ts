/** Every statement about what users in experiments were shown. */
import { and, isNotNull, lt, sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { againAfterDeadlock } from "./deadlock.ts";
import { userDigest } from "./erasures.ts";
import { explained } from "./failure.ts";
import { servedLists } from "./schema.ts";

/** What one isolate showed, as it left; times in epoch ms. */
export interface NewExposures {
  readonly flushId: string;
  readonly exposures: readonly {
    readonly experimentId: string;
    readonly userId: string;
    readonly arm: string;
    readonly firstAt: number;
    readonly lastAt: number;
    readonly answers: number;
    readonly lists: readonly {
      readonly id: string;
      readonly release: string;
      readonly servedAt: number;
      readonly items: readonly string[];
      readonly teams: readonly number[] | null;
    }[];
  }[];
}

/**
 * Stores exposures in one statement; a flush that is known by its id changes nothing. Erased users
 * and experiments that nobody defined are left out.
 *
 * @returns users of new flushes whose exposure was stored, and new lists.
 * @throws UsherError `DATABASE_FAILED`; nothing is stored then.
 */
export async function addExposures(
  database: Database,
  flushes: readonly NewExposures[],
): Promise<{ exposed: number; lists: number }> {
  if (flushes.length === 0) return { exposed: 0, lists: 0 };
  return explained(`Storing ${flushes.length} flushes of exposures`, () =>
    againAfterDeadlock(() => addOnce(database, flushes)),
  );
}

async function addOnce(database: Database, flushes: readonly NewExposures[]) {
  const result = await database.db.execute<{ exposed: number; lists: number }>(sql`
    with arriving as (
      select distinct on ("flushId") * from jsonb_to_recordset(${JSON.stringify(flushes)}::jsonb)
        as flush("flushId" uuid, exposures jsonb)
    ), fresh as (
      insert into traffic_flushes (flush_id) select "flushId" from arriving order by 1
      on conflict do nothing returning flush_id
    ), seen as (
      select exposure.* from fresh join arriving on flush_id = "flushId"
        cross join jsonb_to_recordset(exposures) as exposure("experimentId" text, "userId" text,
          arm text, "firstAt" double precision, "lastAt" double precision, answers integer,
          lists jsonb)
      where exists (select from experiments where id = "experimentId")
        and not exists (select from erasures where user_hash = ${userDigest(sql`"userId"`)})
    ), exposed as (
      insert into exposures as held
        (experiment_id, user_id, arm, first_exposed_at, last_exposed_at, answers)
      select "experimentId", "userId", (array_agg(arm order by "firstAt"))[1],
        to_timestamp(min("firstAt") / 1000), to_timestamp(max("lastAt") / 1000), sum(answers)
      from seen group by 1, 2 order by 1, 2
      on conflict (experiment_id, user_id) do update set answers = held.answers + excluded.answers,
        first_exposed_at = least(held.first_exposed_at, excluded.first_exposed_at),
        last_exposed_at = greatest(held.last_exposed_at, excluded.last_exposed_at)
      returning 1
    ), listed as (
      insert into served_lists
        (id, experiment_id, user_id, arm, release, served_at, items, teams)
      select list.id, "experimentId", "userId", arm, release, to_timestamp("servedAt" / 1000), items,
        teams
      from seen cross join jsonb_to_recordset(lists) as list(id text, release text,
        "servedAt" double precision, items text[], teams smallint[])
      order by 1
      on conflict (id) do nothing
      returning 1
    )
    select (select count(*) from exposed)::int as exposed,
      (select count(*) from listed)::int as lists`);
  return result.rows[0]!;
}

/**
 * Forgets lists of experiments that were served before a time; who has seen which arm stays, and so
 * do lists of imported streams, which were old when they came.
 */
export async function forgetServedLists(database: Database, before: Date): Promise<void> {
  await explained("Forgetting old lists of experiments", () =>
    database.db
      .delete(servedLists)
      .where(and(lt(servedLists.servedAt, before), isNotNull(servedLists.experimentId))),
  );
}
