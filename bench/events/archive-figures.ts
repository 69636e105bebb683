import path from "node:path";
import type { ArchivedFile } from "../../drizzle/archived-files.ts";
import { eventPartitions } from "../../drizzle/event-partitions.ts";
import type { TemporaryDatabase } from "../../local/temporary-database.ts";
import { archiveEvents } from "../../trainer/archive/archive-events.ts";
import { readEventFile } from "../../trainer/snapshots/event-file.ts";
import { folderStore } from "../../trainer/snapshots/folder-store.ts";
import type { Figures } from "../benchmark.ts";

/** What training reads of an event. */
const LEARNED = ["seq", "userId", "itemId", "type", "value", "occurredAt", "source"] as const;

/** Archives the first partition, and reads some of it back: events a second of one process. */
export async function archiveFigures({ database, folder }: TemporaryDatabase): Promise<Figures> {
  const store = folderStore(path.join(folder, "archive"));
  const [first] = await eventPartitions(database.db);
  let files: ArchivedFile[] = [];
  const archiving = await seconds(async () => {
    files = await archiveEvents(database, store, first!);
  });
  const rows = sum(files, "rows");
  const some = files.slice(0, 4);
  const reading = await seconds(async () => {
    for (const file of some) await readEventFile(store, file, LEARNED);
  });
  return {
    per_second: rows / archiving,
    bytes_per_event: sum(files, "bytes") / rows,
    read_per_second: sum(some, "rows") / reading,
  };
}

function sum(files: readonly ArchivedFile[], what: "rows" | "bytes"): number {
  return files.reduce((total, file) => total + file[what], 0);
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
