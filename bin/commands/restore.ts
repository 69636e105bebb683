import { Command } from "commander";
import { publishTombstones } from "../../drizzle/erasures.ts";
import { migrate } from "../../drizzle/migrate.ts";
import { markActive } from "../../drizzle/releases.ts";
import { UsherError } from "../../release/error.ts";
import { TOMBSTONES_KEY } from "../../release/keys.ts";
import { pushRelease } from "../../sync/push/push.ts";
import { type Backup, listBackups } from "../../trainer/backup/manifest.ts";
import { restoreDatabase } from "../../trainer/backup/restore-database.ts";
import { createProgress, type Progress } from "../progress.ts";
import { activate } from "../publish.ts";
import { count } from "../quantities.ts";
import { newestReleaseDirectory, releaseDirectory } from "../release-directory.ts";
import { snapshotStore } from "../snapshot-store.ts";
import { findSurroundings, type Surroundings } from "../surroundings.ts";

interface RestoreOptions {
  readonly home?: string;
}

/** `usher restore kv | database`: what was lost, from what is kept elsewhere. */
export function restoreCommand(): Command {
  const command = new Command("restore");
  command.addCommand(
    new Command("kv")
      .description("Workers KV from a release directory: what serves, and who was erased")
      .argument("[release]", "id of a release in this home, or its directory (default: the newest)")
      .option("--home <dir>", "the local Usher's folder, when several run")
      .action((release: string | undefined, options: RestoreOptions) =>
        restore(options, (around, progress) => restoreKv(around, release, progress)),
      ),
  );
  command.addCommand(
    new Command("database")
      .description("Postgres from a backup: tables as they were, events from their snapshot")
      .argument("[backup]", 'id from "usher backup list" (default: the newest)')
      .option("--home <dir>", "the local Usher's folder, when several run")
      .action((backup: string | undefined, options: RestoreOptions) =>
        restore(options, (around, progress) => restorePostgres(around, backup, progress)),
      ),
  );
  return command;
}

async function restore(
  { home }: RestoreOptions,
  run: (around: Surroundings, progress: Progress) => Promise<void>,
): Promise<void> {
  const progress = createProgress();
  const around = await findSurroundings(home, (message) => progress.note(message));
  try {
    await run(around, progress);
  } finally {
    await around.close();
  }
}

async function restoreKv(
  around: Surroundings,
  asked: string | undefined,
  progress: Progress,
): Promise<void> {
  const folder = await releaseFolder(around, asked);
  // Before any list can be served: those whom a release still holds and who asked to be forgotten.
  await publishTombstones(around.database, 0, (tombstones) =>
    around.kv.write([
      { key: TOMBSTONES_KEY, bytes: new TextEncoder().encode(JSON.stringify(tombstones)) },
    ]),
  );
  progress.step(`Pushing ${folder} into Workers KV`);
  const { release } = await pushRelease(around.kv, folder, {
    mostItems: around.quotas.items,
    onProgress: ({ sentValues, plan }) =>
      progress.update(
        `${count(sentValues)} of ${count(plan.writes)} keys`,
        sentValues / plan.writes,
      ),
  });
  progress.done(`${release} is whole in KV`);
  await activate(around, release, progress);
  await markActive(around.database, release);
}

async function releaseFolder({ home }: Surroundings, asked: string | undefined): Promise<string> {
  if (asked !== undefined) return releaseDirectory(home.releases, asked);
  const newest = await newestReleaseDirectory(home.releases);
  if (newest !== null) return newest;
  throw new UsherError(
    "NO_RELEASE",
    `There is no release directory in ${home.releases}. Name one that you kept elsewhere, or run "usher cycle".`,
  );
}

async function restorePostgres(
  around: Surroundings,
  asked: string | undefined,
  progress: Progress,
): Promise<void> {
  const store = snapshotStore(around.home);
  const backup = chosen(await listBackups(store), asked, store.place);
  progress.step(`Restoring the backup ${backup.id} from ${store.place}`);
  await migrate(around.database);
  const { rows, events } = await restoreDatabase(around.database, store, backup, (what, done) =>
    progress.update(what, done),
  );
  progress.done(`${count(rows)} rows of tables, ${count(events)} events`);
}

function chosen(backups: readonly Backup[], asked: string | undefined, place: string): Backup {
  const found = asked === undefined ? backups.at(-1) : backups.find(({ id }) => id === asked);
  if (found !== undefined) return found;
  const there = backups.length === 0 ? "none" : backups.map(({ id }) => id).join(", ");
  throw new UsherError("BACKUP_UNKNOWN", `No such backup in ${place}; there is ${there}.`);
}
