import type { Context } from "hono";
import * as v from "valibot";
import { answer } from "../answer.ts";
import { openRelease } from "../asked.ts";
import type { ApiContext } from "../environment.ts";
import { itemFilter } from "../filter.ts";
import { itemAsJson } from "../items-json.ts";
import { searchTitles } from "../search.ts";
import { listSchema, readParameters } from "../wish.ts";

/** Parameters of `GET /v1/items`. */
export const searchSchema = v.strictObject({
  search: v.pipe(
    v.optional(v.pipe(v.string(), v.maxLength(200)), ""),
    v.description("Beginnings of words of the title; without it, the most popular items."),
  ),
  ...listSchema.entries,
});

/** `GET /v1/items?search=`: items by the beginnings of their titles' words, most popular first. */
export async function items(c: Context<ApiContext>) {
  const wish = readParameters(searchSchema, c.req.queries());
  const { release, degradations } = await openRelease(c);
  const { catalogue } = release;
  const found = searchTitles(catalogue, wish.search, itemFilter(catalogue, wish), wish.limit);
  const described = {
    release,
    source: "catalogue" as const,
    completed: null,
    degraded: degradations.text,
    variant: "i",
  };
  return answer(c, described, "application/json", () =>
    JSON.stringify({
      release: release.id,
      items: found.map((index) => ({
        ...itemAsJson(catalogue, index),
        popularity: catalogue.popularity(index),
      })),
    }),
  );
}
