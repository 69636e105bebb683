import type { Context } from "hono";
import { answer } from "../answer.ts";
import { openRelease } from "../asked.ts";
import type { ApiContext } from "../environment.ts";
import { itemFilter } from "../filter.ts";
import { rankedAsJson } from "../items-json.ts";
import { trendingItems } from "../trending.ts";
import { listSchema, readParameters } from "../wish.ts";

/** `GET /v1/trending`: what many people rated or watched of late, completed by popularity. */
export async function trending(c: Context<ApiContext>) {
  const wish = readParameters(listSchema, c.req.queries());
  const { asked, release, degradations } = await openRelease(c);
  const filter = itemFilter(release.catalogue, wish);
  const found = await trendingItems(asked, release, filter, wish.limit, degradations);
  const described = {
    release,
    source: release.manifest === null ? ("fallback" as const) : ("trending" as const),
    completed: null,
    degraded: degradations.text,
    variant: found.variant,
  };
  return answer(c, described, "application/json", () =>
    JSON.stringify({
      release: release.id,
      source: described.source,
      ...(described.degraded === null ? {} : { degraded: described.degraded }),
      items: rankedAsJson(release.catalogue, found.items),
    }),
  );
}
