/** Every statement about datasets and releases. */
import { and, desc, eq, ne, sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { datasets, releases } from "./schema.ts";

export type ReleaseStatus = (typeof releases.$inferSelect)["status"];

/** Notes a dataset; one with the same content is the same dataset. */
export async function recordDataset(
  database: Database,
  dataset: Omit<typeof datasets.$inferInsert, "createdAt">,
): Promise<void> {
  await database.db.insert(datasets).values(dataset).onConflictDoNothing();
}

/** Notes a release that has been built, or refused by its gate. */
export async function recordRelease(
  database: Database,
  release: { release: string; datasetHash: string; status: ReleaseStatus; manifest: unknown },
): Promise<void> {
  await database.db
    .insert(releases)
    .values(release)
    .onConflictDoUpdate({ target: releases.release, set: { status: release.status } });
}

/** Marks a release as the one that serves, and the one before it as retired. */
export async function markActive(database: Database, release: string): Promise<void> {
  await database.db.transaction(async (transaction) => {
    await transaction
      .update(releases)
      .set({ status: "retired" })
      .where(and(eq(releases.status, "active"), ne(releases.release, release)));
    await transaction
      .update(releases)
      .set({ status: "active", activatedAt: sql`now()` })
      .where(eq(releases.release, release));
  });
}

/** A release by id, or null. */
export async function findRelease(database: Database, release: string) {
  const found = await database.db.select().from(releases).where(eq(releases.release, release));
  return found[0] ?? null;
}

/** The newest release trained on a dataset, or null. */
export async function newestReleaseOf(database: Database, datasetHash: string) {
  const found = await database.db
    .select()
    .from(releases)
    .where(eq(releases.datasetHash, datasetHash))
    .orderBy(desc(releases.createdAt))
    .limit(1);
  return found[0] ?? null;
}

/** A release as a list of them tells; `bytes` and `metrics` come from its manifest. */
export interface ListedRelease {
  readonly release: string;
  readonly status: ReleaseStatus;
  readonly createdAt: Date;
  readonly activatedAt: Date | null;
  readonly model: string | null;
  readonly metrics: Readonly<Record<string, { readonly mean: number }>>;
  /** Values and bytes in Workers KV, without the manifest. */
  readonly values: number;
  readonly bytes: number;
}

/**
 * The newest releases, newest first. Sizes are summed in Postgres: a manifest names every value, and
 * that of a large release says how much is listed beside it.
 */
export async function listReleases(database: Database, limit: number): Promise<ListedRelease[]> {
  const values = sql`jsonb_path_query_array(${releases.manifest}, '$.values[*].bytes')`;
  return database.db
    .select({
      release: releases.release,
      status: releases.status,
      createdAt: releases.createdAt,
      activatedAt: releases.activatedAt,
      model: sql<string | null>`${releases.manifest} #>> '{model,name}'`,
      metrics: sql<ListedRelease["metrics"]>`coalesce(${releases.manifest} -> 'metrics', '{}')`,
      values: sql<number>`jsonb_array_length(${values}) + ${listed("values")}::integer`,
      bytes: sql<number>`${listed("bytes")}::double precision +
        (select coalesce(sum(n::bigint), 0)::double precision
        from jsonb_array_elements_text(${values}) as n)`,
    })
    .from(releases)
    .orderBy(desc(releases.createdAt), desc(releases.release))
    .limit(limit);
}

function listed(member: "values" | "bytes") {
  return sql`coalesce(${releases.manifest} #>> array['listed', ${member}::text], '0')`;
}
