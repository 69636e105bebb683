import type { Context } from "hono";
import { LIST_LENGTH } from "../../../release/shard.ts";
import { answerHeaders, isFresh } from "../answer-headers.ts";
import { edgeStore } from "../edge-store.ts";
import type { ApiContext } from "../environment.ts";
import { idParameter } from "../parameters.ts";
import { recommend } from "../recommend.ts";

/** `GET /recommend/:userId`: up to 20 distinct item ids as text, comma-separated, best first. */
export async function recommendText(c: Context<ApiContext, "/recommend/:userId">) {
  const userId = idParameter("userId", c.req.param("userId"));
  const waitUntil = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
  const answer = await recommend(edgeStore(c.env), userId, LIST_LENGTH, waitUntil);
  const headers = answerHeaders(answer, "text/plain; charset=utf-8");
  if (isFresh(c.req.header("if-none-match"), headers["etag"]!)) return c.body(null, 304, headers);
  const { catalogue } = answer.release;
  let text = "";
  for (const item of answer.items) {
    if (text !== "") text += ",";
    text += withoutComma(catalogue.id(item.index));
  }
  return c.body(text, 200, headers);
}

/** A comma inside an id would read as two ids: it travels percent-encoded. */
function withoutComma(id: string): string {
  return id.includes(",") ? id.replaceAll(",", "%2C") : id;
}
