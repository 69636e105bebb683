import type { Database } from "../../drizzle/database.ts";
import { newestErasure } from "../../drizzle/erasures.ts";
import type { SnapshotStore } from "../snapshots/store.ts";
import { deleteBackup, listBackups } from "./manifest.ts";
import { takeBackup } from "./take-backup.ts";

/**
 * Deletes the backups that may hold somebody who was erased since, after taking a new one in their
 * place: there is never none.
 *
 * @param all of them, because the archive's files that they name were written anew.
 * @returns how many were deleted.
 */
export async function renewBackups(
  database: Database,
  store: SnapshotStore,
  now: Date,
  all: boolean,
): Promise<number> {
  const erasedAt = await newestErasure(database);
  const old = (await listBackups(store)).filter(
    ({ manifest }) => all || (erasedAt !== null && Date.parse(manifest.takenAt) <= erasedAt),
  );
  if (old.length > 0) await takeBackup(database, store, now);
  for (const backup of old) await deleteBackup(store, backup);
  return old.length;
}
