import type { Context } from "hono";
import { answer } from "../answer.ts";
import { askedBy } from "../asked.ts";
import type { ApiContext } from "../environment.ts";
import { recommendAfter } from "../fresh.ts";
import { recommendationsAsJson } from "../items-json.ts";
import { idParameter } from "../parameters.ts";
import { readParameters, userWishSchema } from "../wish.ts";

/** `GET /v1/users/:userId/recommendations`: as text, with titles, scores, filters, pages, reasons. */
export async function userRecommendations(
  c: Context<ApiContext, "/v1/users/:userId/recommendations">,
) {
  const userId = idParameter("userId", c.req.param("userId"));
  const { after, ...wish } = readParameters(userWishSchema, c.req.queries());
  const found = await recommendAfter(c.env, askedBy(c), userId, wish, after);
  return answer(c, found, "application/json", () =>
    JSON.stringify({
      requestId: c.var.requestId,
      userId,
      ...recommendationsAsJson(found),
    }),
  );
}
