import { markActive } from "../drizzle/releases.ts";
import type { Manifest } from "../release/manifest.ts";
import { pushRelease } from "../sync/push/push.ts";
import type { Progress } from "./progress.ts";
import { activate } from "./publish.ts";
import { count, size } from "./quantities.ts";
import { recordUnlessKnown } from "./record-release.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * A release directory into Workers KV, and from there to everybody.
 *
 * @throws UsherError what `pushRelease` and `activate` throw; what served before still serves.
 */
export async function publishRelease(
  around: Surroundings,
  folder: string,
  progress: Progress,
): Promise<Manifest> {
  const manifest = await pushDirectory(around, folder, progress);
  await serve(around, manifest.release, progress);
  return manifest;
}

/** A release directory into Workers KV, and into the database's list of releases. */
export async function pushDirectory(
  around: Surroundings,
  folder: string,
  progress: Progress,
): Promise<Manifest> {
  progress.step(`Pushing ${folder} into Workers KV`);
  const manifest = await pushRelease(around.kv, folder, {
    mostItems: around.quotas.items,
    onProgress: ({ sentValues, sentBytes, plan }) =>
      progress.update(
        `${count(sentValues)} of ${count(plan.writes)} keys, ${size(sentBytes)} of ${size(plan.bytes)}`,
        sentValues / plan.writes,
      ),
  });
  progress.done(`${manifest.release} is whole in KV`);
  await recordUnlessKnown(around, manifest, progress);
  return manifest;
}

/** Lets a release that is whole in KV serve everybody. */
export async function serve(
  around: Surroundings,
  release: string,
  progress: Progress,
): Promise<void> {
  await activate(around, release, progress);
  await markActive(around.database, release);
}
