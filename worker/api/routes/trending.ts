import type { Context } from "hono";
import { answerHeaders, isFresh } from "../answer-headers.ts";
import { edgeStore } from "../edge-store.ts";
import type { ApiContext } from "../environment.ts";
import { itemsAsJson } from "../items-json.ts";
import { limitParameter } from "../parameters.ts";
import { activeRelease, trending } from "../recommend.ts";

const MOST = 100;

/** `GET /v1/trending?limit=`: what many people rated or watched of late, completed by popularity. */
export async function trendingItems(c: Context<ApiContext>) {
  const limit = limitParameter(c.req.query("limit"), MOST);
  const waitUntil = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
  const store = edgeStore(c.env);
  const release = await activeRelease(store, "", waitUntil);
  const answer = await trending(store, release, limit, waitUntil);
  const headers = answerHeaders(answer, "application/json");
  if (isFresh(c.req.header("if-none-match"), headers["etag"]!)) return c.body(null, 304, headers);
  const body = { release: release.id, source: answer.source, items: itemsAsJson(answer) };
  return c.body(JSON.stringify(body), 200, headers);
}
