import {
  erasedDigests,
  listArchivedFiles,
  replaceArchivedFile,
} from "../../drizzle/archived-files.ts";
import type { Database } from "../../drizzle/database.ts";
import { readEventFile, writeEventFile } from "../snapshots/event-file.ts";
import type { SnapshotStore } from "../snapshots/store.ts";
import { erasedAmong } from "./archived-events.ts";

/**
 * Writes the archive's files anew without users who were erased, and forgets the ids of their events.
 * Files that hold none of them stay as they are. The old files are left to whoever deletes what no
 * version names.
 *
 * @returns how many files were written anew.
 * @throws UsherError `ARCHIVE_DAMAGED` naming the file that cannot be read.
 */
export async function rewriteArchive(database: Database, store: SnapshotStore): Promise<number> {
  const digests = await erasedDigests(database);
  if (digests.size === 0) return 0;
  const isErased = erasedAmong(digests);
  let rewritten = 0;
  for (const file of await listArchivedFiles(database)) {
    const events = await readEventFile(store, file);
    const gone = events.filter(({ userId }) => isErased(userId));
    if (gone.length === 0) continue;
    const left = events.filter(({ userId }) => !isErased(userId));
    const written = await writeEventFile(store, left);
    const ids = gone.map(({ eventId }) => eventId);
    await replaceArchivedFile(database, { ...file, ...written }, ids);
    rewritten++;
  }
  return rewritten;
}
