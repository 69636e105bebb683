import { buildCatalogue, CatalogueView } from "../../release/catalogue.ts";
import { parseFallback } from "../../release/fallback.ts";
import bundled from "./fallback.json" with { type: "json" };
import type { ServedRelease } from "./served-release.ts";

let built: ServedRelease | null | undefined;

/** The list inside the Worker's own bundle as a release without users; null when it is empty. */
export function fallbackRelease(): ServedRelease | null {
  if (built === undefined) built = buildFallback(bundled);
  return built;
}

/** What is in the bundle, for whoever looks whether it is there and how old it is. */
export function fallbackFacts() {
  const { release, takenAt = null, items } = parseFallback(bundled);
  return { release, takenAt, items: items.length };
}

/** @throws ValiError when the content is no fallback list. */
export function buildFallback(content: unknown): ServedRelease | null {
  const { release, items } = parseFallback(content);
  if (release === null || items.length === 0) return null;
  const catalogue = CatalogueView.from(buildCatalogue(items));
  return { id: release, catalogue, manifest: null };
}
