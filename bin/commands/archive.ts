import { Command, InvalidArgumentError } from "commander";
import { type ArchivedFile, listArchivedFiles } from "../../drizzle/archived-files.ts";
import { takeWatermark } from "../../drizzle/snapshot.ts";
import { inTurn } from "../../drizzle/store-turns.ts";
import {
  archiveCandidates,
  archiveEvents,
  type Candidate,
} from "../../trainer/archive/archive-events.ts";
import { archivedEvents } from "../../trainer/archive/archived-events.ts";
import { readEventFile } from "../../trainer/snapshots/event-file.ts";
import type { SnapshotStore } from "../../trainer/snapshots/store.ts";
import { withHomeAndJson } from "../common-options.ts";
import { createProgress, type Progress } from "../progress.ts";
import { count, size } from "../quantities.ts";
import { snapshotStore } from "../snapshot-store.ts";
import { findSurroundings, type Surroundings } from "../surroundings.ts";

interface ArchiveOptions {
  readonly home?: string;
  readonly json?: boolean;
  readonly olderThan: number;
  readonly dryRun?: boolean;
}

const DAY_MS = 86_400_000;
/** Days that events stay in the table. */
const KEPT_DAYS = 365;

/** `usher archive [list | verify | export USER]`: old events from the table into files. */
export function archiveCommand(): Command {
  const command = withHomeAndJson(new Command("archive"))
    .option("--older-than <days>", "partitions whose newest event is older", days, KEPT_DAYS)
    .option("--dry-run", "only say what would go, and why the rest stays")
    .action((options: ArchiveOptions) => at(options, archive));
  command.addCommand(
    withHomeAndJson(new Command("list"))
      .description("the archive's files")
      .action((_, sub: Command) => at(sub.optsWithGlobals<ArchiveOptions>(), list)),
  );
  command.addCommand(
    withHomeAndJson(new Command("verify"))
      .description("read every file of the archive, and compare it with what was written")
      .action((_, sub: Command) => at(sub.optsWithGlobals<ArchiveOptions>(), verify)),
  );
  command.addCommand(
    withHomeAndJson(new Command("export"))
      .description("a user's archived events, a JSON object a line")
      .argument("<userId>", "whose events")
      .action((userId: string, _, sub: Command) =>
        at(sub.optsWithGlobals<ArchiveOptions>(), (place) => exportUser(place, userId)),
      ),
  );
  return command;
}

interface Place {
  readonly around: Surroundings;
  readonly store: SnapshotStore;
  readonly options: ArchiveOptions;
}

async function at(options: ArchiveOptions, use: (place: Place) => Promise<void>): Promise<void> {
  const around = await findSurroundings(options.home);
  try {
    await use({ around, store: snapshotStore(around.home), options });
  } finally {
    await around.close();
  }
}

async function archive({ around, store, options }: Place): Promise<void> {
  const progress = createProgress();
  const { database } = around;
  progress.step(`Looking for events older than ${options.olderThan} days`);
  const watermark = await takeWatermark(database);
  const before = Date.now() - options.olderThan * DAY_MS;
  const candidates = await archiveCandidates(database, watermark, before);
  for (const candidate of candidates) progress.note(inWords(candidate, options.olderThan));
  const leaving = candidates.filter(({ stays }) => stays === null);
  const files: ArchivedFile[] = [];
  for (const partition of options.dryRun === true ? [] : leaving) {
    progress.step(`Moving ${partition.name} into ${store.place}`);
    const written = await inTurn(database, () =>
      archiveEvents(database, store, partition, (done) =>
        progress.update("files written, read back and compared", done),
      ),
    );
    progress.done(`${total(written)} are in ${count(written.length)} files, and left the table`);
    files.push(...written);
  }
  if (options.json === true) console.log(JSON.stringify({ candidates, files }));
  else if (leaving.length === 0) progress.done("nothing is old enough to leave the table");
}

function inWords({ name, rows, newestAt, stays }: Candidate, days: number): string {
  const newest = newestAt === 0 ? "" : `, the newest of ${day(newestAt)}`;
  const why = {
    growing: "stays: it is not full yet",
    "too new": `stays: it is not older than ${days} days`,
    experiment: "stays: a running experiment is judged by it",
  };
  return `${name}: ${count(rows)} events${newest}; ${stays === null ? "leaves" : why[stays]}`;
}

async function list({ around, options }: Place): Promise<void> {
  const files = await listArchivedFiles(around.database);
  if (options.json === true) return console.log(JSON.stringify({ files }));
  if (files.length === 0) return console.log("All events are in the table.");
  for (const { from, to, rows, bytes, sha256, newestAt } of files) {
    console.log(
      `${sha256.slice(0, 12)}  ${from} to ${to}  ${count(rows)} events  ${size(bytes)}  newest of ${day(newestAt)}`,
    );
  }
}

async function verify({ around, store, options }: Place): Promise<void> {
  const progress = createProgress();
  const files = await listArchivedFiles(around.database);
  progress.step(`Reading ${count(files.length)} files in ${store.place}`);
  await readAll(store, files, progress);
  if (options.json === true) console.log(JSON.stringify({ files: files.length }));
  progress.done(`${total(files)} are there as they were written`);
}

async function readAll(
  store: SnapshotStore,
  files: readonly ArchivedFile[],
  progress: Progress,
): Promise<void> {
  for (const [at, file] of files.entries()) {
    await readEventFile(store, file);
    progress.update(`${file.from} to ${file.to}`, (at + 1) / files.length);
  }
}

async function exportUser({ around, store }: Place, asked: string): Promise<void> {
  for await (const events of archivedEvents(around.database, store, Number.MAX_SAFE_INTEGER)) {
    for (const event of events) if (event.userId === asked) console.log(JSON.stringify(event));
  }
}

function total(files: readonly ArchivedFile[]): string {
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return `${count(rows)} events (${size(bytes)})`;
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function days(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("A whole number of days.");
}
