import type { Context } from "hono";
import { answer } from "../answer.ts";
import { openRelease } from "../asked.ts";
import type { ApiContext } from "../environment.ts";
import { itemFilter, withoutItems } from "../filter.ts";
import { rankedAsJson } from "../items-json.ts";
import { idParameter } from "../parameters.ts";
import { similarItems } from "../similar.ts";
import { readScan } from "../taste.ts";
import { trendingItems } from "../trending.ts";
import { listSchema, readParameters } from "../wish.ts";
import { indexOfItem } from "./item.ts";

/** `GET /v1/items/:itemId/similar`: items whose vectors in the model point the same way. */
export async function similarToItem(c: Context<ApiContext, "/v1/items/:itemId/similar">) {
  const itemId = idParameter("itemId", c.req.param("itemId"));
  const wish = readParameters(listSchema, c.req.queries());
  const { asked, release, degradations } = await openRelease(c);
  const item = indexOfItem(release, itemId);
  const filter = itemFilter(release.catalogue, wish);
  const scan = await readScan(asked, release, degradations);
  const found =
    scan === null
      ? await trendingItems(asked, release, withoutItems(filter, [item]), wish.limit, degradations)
      : { items: similarItems(scan, item, filter, wish.limit), variant: "s" };
  const described = {
    release,
    source: scan === null ? ("trending" as const) : ("model" as const),
    completed: null,
    degraded: degradations.text,
    variant: found.variant,
  };
  return answer(c, described, "application/json", () =>
    JSON.stringify({
      release: release.id,
      source: described.source,
      ...(described.degraded === null ? {} : { degraded: described.degraded }),
      itemId,
      items: rankedAsJson(release.catalogue, found.items),
    }),
  );
}
