import { writeFile } from "node:fs/promises";
import path from "node:path";
import { readItems } from "../drizzle/items.ts";
import { newestReleaseOf, recordDataset, recordRelease } from "../drizzle/releases.ts";
import { takeWatermark } from "../drizzle/snapshot.ts";
import { manifestKey } from "../release/keys.ts";
import { type Manifest, parseManifest } from "../release/manifest.ts";
import { requireItemsWithin } from "../sync/push/push.ts";
import { readAllEvents } from "../trainer/archive/archived-events.ts";
import type { Card } from "../trainer/card/card.ts";
import { cardPage } from "../trainer/card/page.ts";
import { buildDataset, type Dataset } from "../trainer/dataset.ts";
import type { ListDiversity } from "../trainer/lists-plan.ts";
import { CHOSEN_MODEL } from "../trainer/models/registry.ts";
import type { OnProgress } from "../trainer/progress.ts";
import { type ItemMetadata, type TrainResult, train } from "../trainer/train.ts";
import { findTuned } from "../trainer/tuning/tuned-settings.ts";
import { codeVersion } from "./code-version.ts";
import type { Progress } from "./progress.ts";
import { activeRelease } from "./publish.ts";
import { readReleaseManifest } from "./release-directory.ts";
import { snapshotStore } from "./snapshot-store.ts";
import type { Surroundings } from "./surroundings.ts";
import { keepSnapshot } from "./take-dataset.ts";
import { tunedSettingsPath } from "./tuning-files.ts";

/** What a person may ask of a training. */
export interface TrainChoices {
  readonly seed?: number;
  readonly model?: string;
  /** Share 0..1 of the users that the model learns from; all get lists. */
  readonly sampleUsers?: number;
  /** Ships the model even when the gate refuses it, and notes that. */
  readonly force?: boolean;
  /** `none` writes everything but the lists, for `usher lists`. */
  readonly lists?: "all" | "none";
  /** Re-ranks every list. */
  readonly diversity?: ListDiversity | undefined;
  /** Scores are divided by popularity to this power. */
  readonly popularityDamping?: number | undefined;
  /** Days after which an interaction counts half. */
  readonly halfLifeDays?: number | undefined;
  readonly signal?: AbortSignal;
}

/** What a training came to. */
export type Trained =
  /** The active release was trained on these very events. */
  | { readonly kind: "unchanged"; readonly release: string }
  /** A whole release directory, new or left by a run that ended before its push. */
  | { readonly kind: "built"; readonly folder: string; readonly manifest: Manifest }
  /** Everything of a release but its lists. */
  | { readonly kind: "unlisted"; readonly folder: string }
  | { readonly kind: "refused"; readonly reasons: readonly string[] };

/**
 * Snapshot, clean, train, gate: from the events in Postgres to a release directory.
 *
 * Does nothing when nothing has changed since the active release, and takes up a release of the same
 * dataset that was built but never pushed. `force` trains in every case. The first release of all is
 * shipped whatever the gates say.
 *
 * @throws UsherError `QUOTA_ITEMS` before training, for more items than a tenant may have.
 */
export async function trainRelease(
  around: Surroundings,
  choices: TrainChoices,
  progress: Progress,
): Promise<Trained> {
  const takenAt = new Date();
  const current = await currentManifest(around);
  // Where nothing serves yet, a poor first model is better than none: the gates tell, and it is noted.
  const force = choices.force === true || current === null;
  const dataset = await snapshot(around, force, progress);
  if (choices.force !== true) {
    if (current?.dataset.hash === dataset.hash) {
      progress.done("nothing has changed since the release that serves");
      return { kind: "unchanged", release: current.release };
    }
    const left = await builtBefore(around, dataset.hash);
    if (left !== null) {
      progress.done(`${left.manifest.release} was built from these events before; taking it up`);
      return left;
    }
  }
  // A training takes minutes, and its push would be refused.
  requireItemsWithin("The dataset", sizes(dataset).items, around.quotas.items);
  const result = await train({
    dataset,
    items: await itemMetadata(around),
    releasesDirectory: around.home.releases,
    previous: current,
    options: {
      code: codeVersion(),
      takenAt,
      ...(choices.seed === undefined ? {} : { seed: choices.seed }),
      ...(choices.model === undefined ? {} : { model: choices.model }),
      ...(choices.sampleUsers === undefined ? {} : { sampleUsers: choices.sampleUsers }),
      ...(choices.lists === undefined ? {} : { lists: choices.lists }),
      force,
      diversity: choices.diversity,
      halfLifeDays: choices.halfLifeDays,
      settings: await settingsOf(around, choices, dataset, progress),
    },
    onProgress: followed(progress),
    signal: choices.signal,
  });
  return noted(around, dataset, result, progress);
}

async function snapshot(
  around: Surroundings,
  force: boolean,
  progress: Progress,
): Promise<Dataset> {
  progress.step("Snapshot: reading and cleaning every event up to now");
  const watermark = await takeWatermark(around.database);
  const kept = watermark === 0 ? null : await keepSnapshot(around, watermark, force, progress);
  const dataset = await buildDataset(
    readAllEvents(around.database, snapshotStore(around.home), watermark),
    {
      watermark,
      onRows: (rows) => progress.update(`${rows.toLocaleString("en")} events`, null),
    },
  );
  const { users, items, interactions } = sizes(dataset);
  const { hash, report } = dataset;
  const row = { hash, watermark, users, items, interactions, report };
  await recordDataset(around.database, { ...row, snapshot: kept?.hash ?? null });
  progress.done(
    `dataset ${hash.slice(0, 12)}: ${interactions.toLocaleString("en")} interactions of ${users.toLocaleString("en")} users with ${items.toLocaleString("en")} items` +
      (report.dropped > 0 ? `, ${report.dropped.toLocaleString("en")} events left out` : ""),
  );
  return dataset;
}

function sizes({ matrix }: Dataset) {
  return { users: matrix.rows, items: matrix.cols, interactions: matrix.indices.length };
}

/** The manifest of the release that serves, or null before the first. */
async function currentManifest(around: Surroundings): Promise<Manifest | null> {
  const release = await activeRelease(around.kv);
  if (release === null) return null;
  const bytes = await around.kv.read(manifestKey(release));
  return bytes === null ? null : parseManifest(new TextDecoder().decode(bytes));
}

async function builtBefore(around: Surroundings, datasetHash: string) {
  const newest = await newestReleaseOf(around.database, datasetHash);
  if (newest === null || newest.status !== "built") return null;
  const folder = path.join(around.home.releases, newest.release);
  const manifest = await readReleaseManifest(folder);
  // Another version of the code may build another release from the same events.
  if (manifest === null || manifest.code !== codeVersion()) return null;
  return { kind: "built" as const, folder, manifest };
}

async function itemMetadata(around: Surroundings): Promise<Map<string, ItemMetadata>> {
  const rows = await readItems(around.database);
  return new Map(rows.map(({ itemId, ...metadata }) => [itemId, metadata]));
}

/** What was tuned, and over it what was asked for. */
async function settingsOf(
  around: Surroundings,
  { model = CHOSEN_MODEL, popularityDamping }: TrainChoices,
  dataset: Dataset,
  progress: Progress,
): Promise<Record<string, number>> {
  const tuned = await tunedSettings(around, model, dataset, progress);
  return { ...tuned, ...(popularityDamping === undefined ? {} : { popularityDamping }) };
}

/** What "usher tune" found for these ratings or the like. */
async function tunedSettings(
  around: Surroundings,
  model: string,
  dataset: Dataset,
  progress: Progress,
): Promise<Record<string, number> | undefined> {
  const wanted = { model, dataset: dataset.hash, interactions: dataset.matrix.indices.length };
  const found = await findTuned(tunedSettingsPath(around.home), wanted);
  if (found === null || Object.keys(found.settings).length === 0) return undefined;
  progress.done(
    `settings tuned on ${found.tunedAt.slice(0, 10)}: ${JSON.stringify(found.settings)}`,
  );
  return found.settings;
}

/** The trainer's steps as a person sees them: a line for each, and how far it has come. */
function followed(progress: Progress): OnProgress {
  let current = "";
  return ({ step, message, fraction }) => {
    if (step !== current) progress.step(`Training, ${step}: ${message}`);
    else progress.update(message, fraction ?? null);
    current = step;
  };
}

/** The card of a refused model, to be looked at; the next one takes its place. */
async function writeRefused({ home }: Surroundings, card: Card): Promise<string> {
  const file = path.join(home.root, "refused-card.html");
  await writeFile(file, await cardPage(card));
  return file;
}

async function noted(
  around: Surroundings,
  dataset: Dataset,
  { release, refused, unlisted, gate, evaluation }: TrainResult,
  progress: Progress,
): Promise<Trained> {
  for (const { name, metrics } of evaluation.models) {
    const ndcg = metrics["ndcg@100"];
    if (ndcg !== undefined) progress.done(`${name}: NDCG@100 ${ndcg.mean.toFixed(4)}`);
  }
  if (unlisted !== undefined) {
    progress.done(`all but the lists in ${unlisted}; "usher lists" makes them`);
    return { kind: "unlisted", folder: unlisted };
  }
  if (release === null) {
    progress.done(`the gate refused the model:\n    ${gate.reasons.join("\n    ")}`);
    if (refused !== null) progress.done(`its card: ${await writeRefused(around, refused)}`);
    return { kind: "refused", reasons: gate.reasons };
  }
  const { path: folder, manifest } = release;
  await recordRelease(around.database, {
    release: manifest.release,
    datasetHash: dataset.hash,
    status: "built",
    manifest,
  });
  if (gate.forced) {
    progress.done(`the gate would have refused it:\n    ${gate.reasons.join("\n    ")}`);
  }
  progress.done(`release ${manifest.release} with ${manifest.lists.users} lists in ${folder}`);
  return { kind: "built", folder, manifest };
}
