import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { releasesOfSnapshots } from "../../drizzle/datasets.ts";
import { takeWatermark } from "../../drizzle/snapshot.ts";
import { inTurn } from "../../drizzle/store-turns.ts";
import { UsherError } from "../../release/error.ts";
import { rewriteArchive } from "../../trainer/archive/rewrite-archive.ts";
import { renewBackups } from "../../trainer/backup/renew-backups.ts";
import { compactSnapshots } from "../../trainer/snapshots/compact.ts";
import { diffPage } from "../../trainer/snapshots/diff-page.ts";
import { diffSnapshots, diffText } from "../../trainer/snapshots/diff-report.ts";
import type { Snapshot } from "../../trainer/snapshots/snapshot-manifest.ts";
import { listSnapshots, takeSnapshot } from "../../trainer/snapshots/take-snapshot.ts";
import { withHomeAndJson } from "../common-options.ts";
import { snapshotStore } from "../snapshot-store.ts";
import { findSurroundings, type Surroundings } from "../surroundings.ts";

interface Choices {
  readonly home?: string;
  readonly json?: boolean;
  readonly html?: string;
}

/** `usher datasets [take | show HASH | diff A B]`: versions of the events, and what came of them. */
export function datasetsCommand(): Command {
  const command = withHomeAndJson(new Command("datasets")).action((options: Choices) =>
    withSnapshots(options, list),
  );
  command.addCommand(
    withHomeAndJson(new Command("take"))
      .description("keep the events up to now as a version")
      .action((_, sub: Command) => withSnapshots(sub.optsWithGlobals<Choices>(), take)),
  );
  command.addCommand(
    withHomeAndJson(new Command("compact"))
      .description("take erased users out of every version, and delete files that none needs")
      .action((_, sub: Command) => withSnapshots(sub.optsWithGlobals<Choices>(), compact)),
  );
  command.addCommand(
    withHomeAndJson(new Command("show"))
      .description("what a version holds: counts, sources, files, releases")
      .argument("<hash>", "its hash, or the beginning of it")
      .action((hash: string, _, sub: Command) =>
        withSnapshots(sub.optsWithGlobals<Choices>(), (place) => show(place, hash)),
      ),
  );
  command.addCommand(
    withHomeAndJson(new Command("diff"))
      .description("compare two versions: counts, distributions, drift")
      .argument("<earlier>", "hash, or the beginning of it")
      .argument("<later>", "hash, or the beginning of it")
      .option("--html <file>", "write the comparison as a page with plots")
      .action((earlier: string, later: string, _, sub: Command) =>
        withSnapshots(sub.optsWithGlobals<Choices>(), (place) => diff(place, earlier, later)),
      ),
  );
  return command;
}

interface Place {
  readonly around: Surroundings;
  readonly snapshots: readonly Snapshot[];
  readonly options: Choices;
}

async function withSnapshots(options: Choices, use: (place: Place) => Promise<void>) {
  const around = await findSurroundings(options.home);
  try {
    const snapshots = await listSnapshots(snapshotStore(around.home));
    await use({ around, snapshots, options });
  } finally {
    await around.close();
  }
}

async function list({ around, snapshots, options }: Place): Promise<void> {
  const hashes = snapshots.map(({ hash }) => hash);
  const releases = await releasesOfSnapshots(around.database, hashes);
  const rows = snapshots.map(({ hash, manifest }) => ({
    hash,
    watermark: manifest.watermark,
    events: manifest.facts.events,
    users: manifest.facts.users,
    items: manifest.facts.items,
    releases: releases.filter(({ snapshot }) => snapshot === hash).map(({ release }) => release),
  }));
  if (options.json === true) console.log(JSON.stringify({ datasets: rows }));
  else if (rows.length === 0)
    console.log('No versions yet; "usher cycle" or "usher datasets take" makes one.');
  for (const row of options.json === true ? [] : rows) {
    const counts = [row.events, row.users, row.items].map((count) => count.toLocaleString("en"));
    console.log(
      `${row.hash.slice(0, 12)}  ${counts[0]} events  ${counts[1]} users  ${counts[2]} items  ${row.releases.join(" ")}`,
    );
  }
}

async function take({ around, options }: Place): Promise<void> {
  const watermark = await takeWatermark(around.database);
  const taken = await takeSnapshot(around.database, snapshotStore(around.home), watermark);
  const { hash, bytesWritten, partsReused, manifest } = taken;
  if (options.json === true)
    console.log(JSON.stringify({ hash, watermark, bytesWritten, partsReused }));
  else
    console.log(`${hash}  ${manifest.facts.events.toLocaleString("en")} events up to ${watermark}`);
}

async function compact({ around, options }: Place): Promise<void> {
  const store = snapshotStore(around.home);
  const { database } = around;
  const done = await inTurn(database, async () => {
    const archiveRewritten = await rewriteArchive(database, store);
    const backupsDeleted = await renewBackups(database, store, new Date(), archiveRewritten > 0);
    return { ...(await compactSnapshots(database, store)), archiveRewritten, backupsDeleted };
  });
  if (options.json === true) return console.log(JSON.stringify(done));
  const count = Object.keys(done.rewritten).length;
  console.log(
    `${count} versions and ${done.archiveRewritten} files of the archive written anew, ${done.filesDeleted} files and ${done.backupsDeleted} backups deleted`,
  );
}

async function show({ around, snapshots, options }: Place, prefix: string): Promise<void> {
  const { hash, manifest } = named(snapshots, prefix);
  const releases = await releasesOfSnapshots(around.database, [hash]);
  if (options.json === true) return console.log(JSON.stringify({ hash, ...manifest, releases }));
  const { facts, parts } = manifest;
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  console.log(`dataset ${hash}`);
  console.log(
    `  up to event ${manifest.watermark}: ${facts.events} events, ${facts.users} users, ${facts.items} items`,
  );
  console.log(`  ${parts.length} files, ${bytes.toLocaleString("en")} bytes`);
  for (const { source, events, firstSeq, lastSeq } of facts.sources) {
    console.log(`  from ${source}: ${events} events, ${firstSeq} to ${lastSeq}`);
  }
  for (const { release, status } of releases) console.log(`  release ${release} (${status})`);
}

async function diff({ snapshots, options }: Place, a: string, b: string): Promise<void> {
  const found = diffSnapshots(named(snapshots, a), named(snapshots, b));
  if (options.html !== undefined) await writeFile(options.html, diffPage(found));
  const { drift, sharedParts, addedBytes } = found;
  if (options.json === true) console.log(JSON.stringify({ drift, sharedParts, addedBytes }));
  else console.log(diffText(found));
}

function named(snapshots: readonly Snapshot[], prefix: string): Snapshot {
  const found = snapshots.filter(({ hash }) => hash.startsWith(prefix));
  if (found.length === 1) return found[0]!;
  const what = found.length === 0 ? "No version begins" : `${found.length} versions begin`;
  throw new UsherError("DATASET_UNKNOWN", `${what} with "${prefix}"; "usher datasets" lists them.`);
}
