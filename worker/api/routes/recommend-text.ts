import type { Context } from "hono";
import { answer } from "../answer.ts";
import { askedBy } from "../asked.ts";
import type { ApiContext } from "../environment.ts";
import { recommendAfter } from "../fresh.ts";
import { idParameter } from "../parameters.ts";
import { itemIds } from "../recommendations.ts";
import { joined } from "../warm-list.ts";
import { readParameters, wishSchema } from "../wish.ts";

const WISH = readParameters(wishSchema, {});

/**
 * `GET /recommend/:userId?after=`: up to 20 distinct item ids as text, comma-separated, best first.
 */
export async function recommendText(c: Context<ApiContext, "/recommend/:userId">) {
  const userId = idParameter("userId", c.req.param("userId"));
  const found = await recommendAfter(c.env, askedBy(c), userId, WISH, c.req.query("after"));
  return answer(c, found, "text/plain; charset=utf-8", () => joined(itemIds(found)));
}
