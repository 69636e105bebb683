import { findDataset } from "../drizzle/datasets.ts";
import { findRelease, recordRelease } from "../drizzle/releases.ts";
import { UsherError } from "../release/error.ts";
import type { Manifest } from "../release/manifest.ts";
import type { Progress } from "./progress.ts";
import { findSurroundings, type Surroundings } from "./surroundings.ts";

/** What of the surroundings it takes to record a release. */
type Records = Pick<Surroundings, "database">;

/**
 * Records a release whose lists were made apart from its training, where a database is at hand: the
 * machines that make lists need none. A push records what was left out.
 */
export async function recordIfPossible(
  manifest: Manifest,
  home: string | undefined,
  progress: Progress,
): Promise<void> {
  const around = await surroundingsAtHand(home);
  if (around === null) {
    progress.note(`no database is at hand; "usher push" will record ${manifest.release}`);
    return;
  }
  try {
    await recordUnlessKnown(around, manifest, progress);
  } finally {
    await around.close();
  }
}

/** Records a release as built, unless it is recorded already or its dataset is of another database. */
export async function recordUnlessKnown(
  { database }: Records,
  manifest: Manifest,
  progress: Progress,
): Promise<void> {
  const { release, dataset } = manifest;
  if ((await findRelease(database, release)) !== null) return;
  if ((await findDataset(database, dataset.hash)) === null) {
    progress.note(`${release} is not recorded: the database does not know its dataset`);
    return;
  }
  await recordRelease(database, { release, datasetHash: dataset.hash, status: "built", manifest });
  progress.note(`${release} is recorded in the database`);
}

/** Null when no Usher runs here and none is named by the environment. */
async function surroundingsAtHand(home: string | undefined): Promise<Surroundings | null> {
  try {
    return await findSurroundings(home);
  } catch (error) {
    if (home === undefined && error instanceof UsherError && error.code === "NOT_RUNNING")
      return null;
    throw error;
  }
}
