/** The fallback list: popular items inside the API Worker's own bundle, for when KV gives nothing. */
import * as v from "valibot";
import type { CatalogueView } from "./catalogue.ts";

/** Items in a fallback list: five times an answer, so that filters leave something; about 8 KB. */
const FALLBACK_ITEMS = 100;

const FallbackSchema = v.object({
  /** The release that the items are of; null while the list is empty. */
  release: v.nullable(v.string()),
  /** When the list was taken from it. */
  takenAt: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  /** Most popular first. */
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

/** What `worker/api/fallback.json` holds. */
export type FallbackList = v.InferOutput<typeof FallbackSchema>;

/** @throws ValiError when the content is none. */
export function parseFallback(content: unknown): FallbackList {
  return v.parse(FallbackSchema, content);
}

/** The most popular items of a release as its fallback list. */
export function fallbackOf(release: string, catalogue: CatalogueView, takenAt: Date): FallbackList {
  const popular = catalogue.popular(Math.min(FALLBACK_ITEMS, catalogue.length));
  const items = Array.from(popular, (index) => ({
    itemId: catalogue.id(index),
    title: catalogue.title(index),
    categories: [...catalogue.categories(index)],
    popularity: catalogue.popularity(index),
    year: catalogue.year(index) ?? null,
  }));
  return { release, takenAt: takenAt.toISOString(), items };
}
