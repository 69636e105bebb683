import { Command, InvalidArgumentError } from "commander";
import { type Backup, deleteBackup, listBackups } from "../../trainer/backup/manifest.ts";
import { takeBackup } from "../../trainer/backup/take-backup.ts";
import { withHomeAndJson } from "../common-options.ts";
import { createProgress } from "../progress.ts";
import { count, size } from "../quantities.ts";
import { snapshotStore } from "../snapshot-store.ts";
import { findSurroundings } from "../surroundings.ts";

interface BackupOptions {
  readonly home?: string;
  readonly keep: number;
  readonly json?: boolean;
}

const KEPT = 7;

/** `usher backup [list]`: everything that Postgres holds, into the store of the snapshots. */
export function backupCommand(): Command {
  const command = withHomeAndJson(new Command("backup"))
    .option("--keep <n>", "backups to keep, the newest; older ones are deleted", wholeNumber, KEPT)
    .action(backup);
  command.addCommand(
    withHomeAndJson(new Command("list"))
      .description("the backups there are, oldest first")
      .action((_, sub: Command) => list(sub.optsWithGlobals<BackupOptions>())),
  );
  return command;
}

async function backup({ home, keep, json }: BackupOptions): Promise<void> {
  const progress = createProgress();
  const around = await findSurroundings(home);
  try {
    const store = snapshotStore(around.home);
    progress.step(`Backing Postgres up into ${store.place}`);
    const taken = await takeBackup(around.database, store, new Date());
    const old = (await listBackups(store)).slice(0, -keep);
    for (const before of old) await deleteBackup(store, before);
    if (json === true) console.log(JSON.stringify({ ...asJson(taken), deleted: old.length }));
    progress.done(`${inWords(taken)}; ${old.length} older ones deleted`);
  } finally {
    await around.close();
  }
}

async function list({ home, json }: BackupOptions): Promise<void> {
  const around = await findSurroundings(home);
  try {
    const backups = await listBackups(snapshotStore(around.home));
    if (json === true) console.log(JSON.stringify({ backups: backups.map(asJson) }));
    else if (backups.length === 0) console.log('No backups yet; "usher backup" takes one.');
    else for (const each of backups) console.log(inWords(each));
  } finally {
    await around.close();
  }
}

function inWords({ id, manifest: { files, snapshot } }: Backup): string {
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return `${id}: ${count(rows)} rows in ${size(bytes)}, and the events of ${snapshot.slice(0, 12)}`;
}

function asJson({ id, manifest: { takenAt, snapshot, files } }: Backup) {
  return { id, takenAt, snapshot, rows: files.reduce((sum, file) => sum + file.rows, 0) };
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("A whole number above 0.");
}
