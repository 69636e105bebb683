import { WRITTEN_FORMATS } from "../release/formats.ts";
import { type Manifest, parseManifest } from "../release/manifest.ts";
import type { SavedJob } from "./lists-job.ts";
import { inOrder, recordOf, releaseId } from "./release.ts";

/**
 * The manifest of a job whose lists are made elsewhere, as it is before there are any.
 *
 * Shards of lists become a multiple of the shards of profiles, so that one of these holds all users
 * of some of those.
 */
export function unlistedManifest({ facts, plan, values, createdAt }: SavedJob): Manifest {
  const records = inOrder(values.map(({ key, value }) => recordOf(key, new Uint8Array(value))));
  const profileShards = facts.profiles?.shardCount ?? 1;
  const shardCount = Math.ceil(plan.shardCount / profileShards) * profileShards;
  const made = createdAt.toISOString();
  return parseManifest(
    JSON.stringify({
      format: 1,
      release: releaseId(records, facts.dataset.hash, made),
      createdAt: made,
      ...facts,
      lists: { ...plan, shardCount, users: 0 },
      formats: WRITTEN_FORMATS,
      values: records,
    }),
  );
}
