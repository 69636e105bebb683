/** Every statement about what came of datasets. */
import { eq, inArray } from "drizzle-orm";
import type { Database } from "./database.ts";
import { datasets, releases } from "./schema.ts";

export type DatasetRow = typeof datasets.$inferSelect;

/** A dataset by its hash, or null. */
export async function findDataset(database: Database, hash: string): Promise<DatasetRow | null> {
  const found = await database.db.select().from(datasets).where(eq(datasets.hash, hash));
  return found[0] ?? null;
}

/** The releases that were trained on what certain snapshots hold, by the snapshots' hash. */
export async function releasesOfSnapshots(
  database: Database,
  snapshots: readonly string[],
): Promise<{ snapshot: string | null; dataset: string; release: string; status: string }[]> {
  if (snapshots.length === 0) return [];
  return database.db
    .select({
      snapshot: datasets.snapshot,
      dataset: datasets.hash,
      release: releases.release,
      status: releases.status,
    })
    .from(datasets)
    .innerJoin(releases, eq(releases.datasetHash, datasets.hash))
    .where(inArray(datasets.snapshot, [...snapshots]))
    .orderBy(releases.createdAt);
}

/** Notes that a snapshot was written anew under another hash. */
export async function renameSnapshot(database: Database, from: string, to: string): Promise<void> {
  await database.db.update(datasets).set({ snapshot: to }).where(eq(datasets.snapshot, from));
}
