import type { Context } from "hono";
import type { CatalogueView } from "../../../release/catalogue.ts";
import { answer, type Described } from "../answer.ts";
import { askedBy } from "../asked.ts";
import type { ApiContext } from "../environment.ts";
import { idParameter } from "../parameters.ts";
import { recommend } from "../recommend.ts";
import { readParameters, wishSchema } from "../wish.ts";

const TEXT = "text/plain; charset=utf-8";
const WISH = readParameters(wishSchema, {});

/** `GET /recommend/:userId`: up to 20 distinct item ids as text, comma-separated, best first. */
export async function recommendText(c: Context<ApiContext, "/recommend/:userId">) {
  const userId = idParameter("userId", c.req.param("userId"));
  const asked = askedBy(c);
  const held = asked.store.heldList(userId, asked.waitUntil);
  if (held !== null) {
    const { release, shard, row } = held;
    const described: Described = { ...LIST, release };
    return answer(c, described, TEXT, () => joinedIds(release.catalogue, shard.items(row)));
  }
  const found = await recommend(asked, userId, WISH);
  const indices = found.items.map(({ index }) => index);
  return answer(c, found, TEXT, () => joinedIds(found.release.catalogue, indices));
}

const LIST = { source: "list", completed: null, degraded: null, variant: "l" } as const;

/** A comma inside an id would read as two ids: it travels percent-encoded. */
function joinedIds(catalogue: CatalogueView, indices: ArrayLike<number>): string {
  let text = "";
  for (let at = 0; at < indices.length; at++) {
    const id = catalogue.id(indices[at]!);
    text += (at === 0 ? "" : ",") + (id.includes(",") ? id.replaceAll(",", "%2C") : id);
  }
  return text;
}
