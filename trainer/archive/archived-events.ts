/** Reading events that have left the table for files. */
import { createHash } from "node:crypto";
import { erasedDigests, listArchivedFiles } from "../../drizzle/archived-files.ts";
import type { Database } from "../../drizzle/database.ts";
import { ERASURE_PREFIX } from "../../drizzle/erasures.ts";
import type { StoredEvent } from "../../drizzle/event-ranges.ts";
import { readEvents, type SnapshotEvent } from "../../drizzle/snapshot.ts";
import { type EventColumn, readEventFile } from "../snapshots/event-file.ts";
import type { SnapshotStore } from "../snapshots/store.ts";

/** Tells whether a user was erased; it remembers, since a file names few users many times. */
export function erasedAmong(digests: ReadonlySet<string>): (userId: string) => boolean {
  if (digests.size === 0) return () => false;
  const known = new Map<string, boolean>();
  return (userId) => {
    let erased = known.get(userId);
    if (erased === undefined) {
      erased = digests.has(
        createHash("sha256")
          .update(ERASURE_PREFIX + userId)
          .digest("hex"),
      );
      known.set(userId, erased);
    }
    return erased;
  };
}

/** What training and counting read. */
const LEARNED = ["seq", "userId", "itemId", "type", "value", "occurredAt", "source"] as const;

/**
 * The events of the archive up to a watermark, a file at a time, in the order of ingestion. Users who
 * were erased since their file was written are left out.
 *
 * @param columns what is read of an event (all by default); number and user always are.
 * @throws UsherError `ARCHIVE_DAMAGED` naming the file that cannot be read.
 */
export async function* archivedEvents<Column extends EventColumn = EventColumn>(
  database: Database,
  store: SnapshotStore,
  watermark: number,
  columns?: readonly (Column | "seq" | "userId")[],
): AsyncGenerator<Pick<StoredEvent, Column | "seq" | "userId">[]> {
  const files = (await listArchivedFiles(database)).filter(({ from }) => from <= watermark);
  if (files.length === 0) return;
  const isErased = erasedAmong(await erasedDigests(database));
  for (const file of files) {
    const events = await readEventFile(store, file, columns);
    yield events.filter(({ seq, userId }) => seq <= watermark && !isErased(userId));
  }
}

/** The events of the archive with what training and counting read. */
export function learnedEvents(database: Database, store: SnapshotStore, watermark: number) {
  return archivedEvents(database, store, watermark, LEARNED);
}

/** Every event up to a watermark as training reads it: those of the archive, then the table's. */
export async function* readAllEvents(
  database: Database,
  store: SnapshotStore,
  watermark: number,
): AsyncGenerator<readonly SnapshotEvent[]> {
  yield* learnedEvents(database, store, watermark);
  yield* readEvents(database, watermark);
}

/** An event of the archive by its number; null when it is in none of its files. */
export async function archivedEvent(
  database: Database,
  store: SnapshotStore,
  seq: number,
): Promise<StoredEvent | null> {
  const file = (await listArchivedFiles(database)).find(({ from, to }) => from <= seq && seq <= to);
  if (file === undefined) return null;
  const isErased = erasedAmong(await erasedDigests(database));
  const event = (await readEventFile(store, file)).find((each) => each.seq === seq);
  return event === undefined || isErased(event.userId) ? null : event;
}
