import { listArchivedFiles } from "../../drizzle/archived-files.ts";
import type { Database } from "../../drizzle/database.ts";
import { renameSnapshot } from "../../drizzle/datasets.ts";
import { manifestKeyOf, partKey } from "./snapshot-manifest.ts";
import type { SnapshotStore } from "./store.ts";
import { listSnapshots, takeSnapshot } from "./take-snapshot.ts";

/** What compacting did. */
export interface Compaction {
  /** Snapshots written anew, old hash to new one. */
  readonly rewritten: Readonly<Record<string, string>>;
  readonly filesDeleted: number;
}

/**
 * Rewrites every snapshot that holds rows the database has no more, which is how erased users leave
 * them, and deletes the files that nothing names any longer. The archive is to be written anew before.
 *
 * @param range as the snapshots were taken with.
 */
export async function compactSnapshots(
  database: Database,
  store: SnapshotStore,
  range?: number,
): Promise<Compaction> {
  const rewritten: Record<string, string> = {};
  for (const { hash, manifest } of await listSnapshots(store)) {
    const now = await takeSnapshot(database, store, manifest.watermark, range);
    if (now.hash === hash) continue;
    await renameSnapshot(database, hash, now.hash);
    await store.delete(manifestKeyOf(hash));
    rewritten[hash] = now.hash;
  }
  const snapshots = await listSnapshots(store);
  const parts = snapshots.flatMap(({ manifest }) => manifest.parts);
  const files = [...parts, ...(await listArchivedFiles(database))];
  const named = new Set(files.map(({ sha256 }) => partKey(sha256)));
  const unnamed = (await store.list("parts/")).filter((key) => !named.has(key));
  for (const key of unnamed) await store.delete(key);
  return { rewritten, filesDeleted: unnamed.length };
}
