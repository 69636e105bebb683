import type { Context } from "hono";
import type { CatalogueView } from "../../../release/catalogue.ts";
import { answer, type Described } from "../answer.ts";
import { askedBy } from "../asked.ts";
import type { ApiContext } from "../environment.ts";
import { isErased } from "../erased-users.ts";
import { recommendAfter } from "../fresh.ts";
import { idParameter } from "../parameters.ts";
import { readParameters, wishSchema } from "../wish.ts";

const TEXT = "text/plain; charset=utf-8";
const WISH = readParameters(wishSchema, {});

/**
 * `GET /recommend/:userId?after=`: up to 20 distinct item ids as text, comma-separated, best first.
 */
export async function recommendText(c: Context<ApiContext, "/recommend/:userId">) {
  const userId = idParameter("userId", c.req.param("userId"));
  const asked = askedBy(c);
  const after = c.req.query("after");
  const held = asked.store.heldList(userId, asked.waitUntil);
  // False, at once, for whoever this isolate knows not to have been erased.
  const erased = isErased(c.env.RELEASES, userId, asked.waitUntil);
  if (held !== null && after === undefined && erased === false) {
    const { release, shard, row } = held;
    const described: Described = { ...LIST, release };
    return answer(c, described, TEXT, () => joinedIds(release.catalogue, shard.items(row)));
  }
  if (erased instanceof Promise) erased.catch(() => {});
  const found = await recommendAfter(c.env, asked, userId, WISH, after);
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
