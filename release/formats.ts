/** Which formats a release is written in, and which ones a Worker reads: both move on their own. */
import { CATALOGUE_VERSION } from "./catalogue.ts";
import type { Manifest } from "./manifest.ts";
import { MANIFEST_FORMATS } from "./manifest.ts";
import { MODEL_VERSION } from "./model.ts";
import { PROFILES_VERSION } from "./profiles.ts";
import { SHARD_VERSION } from "./shard.ts";

/** Format versions of a release's values, as its manifest lists them. */
export const WRITTEN_FORMATS = {
  catalogue: CATALOGUE_VERSION,
  model: MODEL_VERSION,
  lists: SHARD_VERSION,
  profiles: PROFILES_VERSION,
} as const;

/** Format versions that this code reads, by kind of value; `GET /healthz` tells them. */
export const READ_FORMATS: Readonly<Record<string, readonly number[]>> = {
  manifest: MANIFEST_FORMATS,
  ...Object.fromEntries(
    Object.entries(WRITTEN_FORMATS).map(([kind, version]) => [kind, [version]]),
  ),
};

/**
 * What of a release a reader cannot read, in words; null when it can read all of it. A kind that the
 * manifest does not name, or that the reader has never heard of, is none that it needs.
 *
 * @param reads as `READ_FORMATS` of the reader.
 */
export function unreadable(
  manifest: Pick<Manifest, "format" | "formats">,
  reads: Readonly<Record<string, readonly number[]>>,
): string | null {
  const written = { manifest: manifest.format, ...manifest.formats };
  const wrong = Object.entries(written).filter(([kind, version]) => {
    const read = reads[kind];
    return read !== undefined && !read.includes(version);
  });
  if (wrong.length === 0) return null;
  return wrong
    .map(([kind, version]) => `format ${version} of ${kind} (it reads ${reads[kind]!.join(", ")})`)
    .join(" and ");
}
