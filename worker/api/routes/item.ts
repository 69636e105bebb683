import type { Context } from "hono";
import { answer } from "../answer.ts";
import { openRelease } from "../asked.ts";
import type { ApiContext } from "../environment.ts";
import { itemAsJson } from "../items-json.ts";
import { idParameter } from "../parameters.ts";
import { Problem } from "../problem.ts";
import type { ServedRelease } from "../served-release.ts";

/** `GET /v1/items/:itemId`: what the release knows of an item. */
export async function item(c: Context<ApiContext, "/v1/items/:itemId">) {
  const itemId = idParameter("itemId", c.req.param("itemId"));
  const { release, degradations } = await openRelease(c);
  const index = indexOfItem(release, itemId);
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
      ...itemAsJson(release.catalogue, index),
      popularity: release.catalogue.popularity(index),
    }),
  );
}

/** The index of an item of the release. @throws Problem 404 when it has none of this id. */
export function indexOfItem(release: ServedRelease, itemId: string): number {
  const index = release.catalogue.indexOf(itemId);
  if (index >= 0) return index;
  throw new Problem(
    404,
    "UNKNOWN_ITEM",
    `Release ${release.id} has no item "${itemId}". GET /v1/items?search= finds items by title.`,
  );
}
