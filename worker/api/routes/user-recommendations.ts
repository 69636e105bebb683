import type { Context } from "hono";
import { answerHeaders, isFresh } from "../answer-headers.ts";
import { edgeStore } from "../edge-store.ts";
import type { ApiContext } from "../environment.ts";
import { itemsAsJson } from "../items-json.ts";
import { idParameter, limitParameter } from "../parameters.ts";
import { recommend } from "../recommend.ts";

/** `GET /v1/users/:userId/recommendations?limit=`: the same as text, with titles and scores. */
export async function userRecommendations(
  c: Context<ApiContext, "/v1/users/:userId/recommendations">,
) {
  const userId = idParameter("userId", c.req.param("userId"));
  const limit = limitParameter(c.req.query("limit"));
  const waitUntil = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
  const answer = await recommend(edgeStore(c.env), userId, limit, waitUntil);
  const headers = answerHeaders(answer, "application/json");
  if (isFresh(c.req.header("if-none-match"), headers["etag"]!)) return c.body(null, 304, headers);
  const body = {
    requestId: crypto.randomUUID(),
    userId,
    release: answer.release.id,
    source: answer.source,
    ...(answer.degraded === null ? {} : { degraded: answer.degraded }),
    items: itemsAsJson(answer),
  };
  return c.body(JSON.stringify(body), 200, headers);
}
