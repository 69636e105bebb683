import { CatalogueView } from "../release/catalogue.ts";
import { UsherError } from "../release/error.ts";
import { type FallbackList, fallbackOf } from "../release/fallback.ts";
import { READ_FORMATS, unreadable } from "../release/formats.ts";
import { catalogueKey, manifestKey } from "../release/keys.ts";
import { parseManifest } from "../release/manifest.ts";
import { armShares } from "../release/pointer.ts";
import { controlKeysIn } from "./kv/control-keys.ts";
import type { KvStore } from "./kv/store.ts";

/**
 * The fallback list of the release that serves most users; null when nothing serves yet.
 *
 * @throws UsherError `FORMAT_UNREADABLE` when this code, which is about to be deployed, cannot read
 *   that release; `RELEASE_MISSING` when KV does not have it.
 */
export async function fallbackOfServing(store: KvStore, now: Date): Promise<FallbackList | null> {
  const { pointer } = await controlKeysIn(store);
  if (pointer === null) return null;
  const [most] = armShares(pointer).sort((a, b) => b.share - a.share);
  const { release } = most!;
  const manifest = parseManifest(new TextDecoder().decode(await read(store, manifestKey(release))));
  const foreign = unreadable(manifest, READ_FORMATS);
  if (foreign !== null) {
    throw new UsherError(
      "FORMAT_UNREADABLE",
      `${release} serves, and this code cannot read its ${foreign}. Deploy a version that can, or activate a release that this one reads first.`,
    );
  }
  const catalogue = CatalogueView.from(await read(store, catalogueKey(release)));
  return fallbackOf(release, catalogue, now);
}

async function read(store: KvStore, key: string): Promise<ArrayBuffer> {
  const value = await store.read(key);
  if (value !== null) return value;
  throw new UsherError(
    "RELEASE_MISSING",
    `KV has no value at ${key}, and its release serves. "usher doctor" says what to do.`,
  );
}
