/** How the data of each release differs from that of the release before it. */
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { explained } from "./failure.ts";

/** A release's data beside the one before's; null where there is none, or where it has no sketch. */
export interface ReleaseDrift {
  readonly release: string;
  /** ISO 8601, in UTC. */
  readonly createdAt: string;
  /** When its dataset was taken. */
  readonly takenAt: string | null;
  readonly interactions: number;
  /** Interactions over those before. */
  readonly volumeRatio: number | null;
  /** Population stability index of the ratings' distribution; over 0.25 it is another population. */
  readonly ratingPsi: number | null;
}

/**
 * A row a release: `release`, `created_at`, `taken_at`, `interactions`, `volume_ratio`, `rating_psi`. The index is
 * the sum over bins of (p - q) ln(p / q), each bin counting half an interaction more, as the gate
 * computes it (`trainer/drift.ts`).
 */
export const RELEASE_DRIFT = `
  select release, created_at, taken_at, interactions,
    interactions / nullif(lag(interactions) over by_age, 0) as volume_ratio,
    (select sum((p - q) * ln(p / q)) from (
      select (now.n + 0.5) / (sum(now.n) over () + count(*) over () / 2.0) as p,
        (before.n + 0.5) / (sum(before.n) over () + count(*) over () / 2.0) as q
      from unnest(bins) with ordinality as now(n, bin)
        join unnest(bins_before) with ordinality as before(n, bin) using (bin)
    ) as shares) as rating_psi
  from (
    select *, lag(bins) over (order by created_at, release) as bins_before from (
      select release, created_at,
        (manifest #>> '{dataset,takenAt}')::timestamptz as taken_at,
        (manifest #>> '{dataset,interactions}')::double precision as interactions,
        (select array_agg(n::double precision order by bin) from jsonb_array_elements_text(
          manifest #> '{dataset,sketch,values}') with ordinality as value(n, bin)) as bins
      from releases
    ) as sketched
  ) as compared
  window by_age as (order by created_at, release)`;

/** The newest releases, oldest first. */
export async function readReleaseDrift(database: Database, limit: number): Promise<ReleaseDrift[]> {
  const result = await explained("Comparing the data of releases", () =>
    database.db.execute(sql`
      select release, to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
          as "createdAt", to_char(taken_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
          as "takenAt", interactions, volume_ratio as "volumeRatio", rating_psi as "ratingPsi"
      from (select * from (${sql.raw(RELEASE_DRIFT)}) as every
        order by created_at desc, release desc limit ${limit}) as newest
      order by created_at, release`),
  );
  return result.rows as unknown as ReleaseDrift[];
}
