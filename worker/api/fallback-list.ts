import * as v from "valibot";
import { buildCatalogue, CatalogueView } from "../../release/catalogue.ts";
import bundled from "./fallback.json" with { type: "json" };
import type { ServedRelease } from "./served-release.ts";

/**
 * What `fallback.json` holds: the most popular items of the release that served when the Worker was
 * deployed, most popular first. The file in the repository is empty; a deployment writes its own.
 */
const fallbackSchema = v.object({
  release: v.nullable(v.string()),
  items: v.array(
    v.object({
      itemId: v.string(),
      title: v.string(),
      categories: v.array(v.string()),
      popularity: v.number(),
      year: v.nullish(v.number()),
    }),
  ),
});

let built: ServedRelease | null | undefined;

/** The list inside the Worker's own bundle as a release without users; null when it is empty. */
export function fallbackRelease(): ServedRelease | null {
  built ??= buildFallback(bundled);
  return built;
}

/** @throws ValiError when the file is not as `fallbackSchema` says. */
export function buildFallback(content: unknown): ServedRelease | null {
  const { release, items } = v.parse(fallbackSchema, content);
  if (release === null || items.length === 0) return null;
  const catalogue = CatalogueView.from(buildCatalogue(items));
  return { id: release, catalogue, manifest: null };
}
