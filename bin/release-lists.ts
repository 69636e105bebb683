import { readFile } from "node:fs/promises";
import path from "node:path";
import { ReleaseLists } from "../local/release-lists.ts";
import { UsherError } from "../release/error.ts";
import { releasePrefix } from "../release/keys.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * The lists of one release, from its directory here, or else from Workers KV.
 *
 * @throws UsherError `RELEASE_UNKNOWN` when it is in neither place.
 */
export function openReleaseLists(
  { home, kv }: Pick<Surroundings, "home" | "kv">,
  release: string,
): Promise<ReleaseLists> {
  return ReleaseLists.open(async (key) => {
    const name = key.slice(releasePrefix(release).length);
    const file = name === "manifest" ? "manifest.json" : path.join("values", name);
    const bytes = await readFile(path.join(home.releases, release, file)).catch(() => null);
    const value = bytes === null ? await kv.read(key) : new Uint8Array(bytes).buffer;
    if (value !== null) return value;
    throw new UsherError(
      "RELEASE_UNKNOWN",
      `There is no ${name} of release "${release}" in ${home.releases} or in Workers KV. "usher releases" lists those there are.`,
    );
  }, release);
}
