import { type Context, Hono } from "hono";
import * as v from "valibot";
import { type Account, newId, newNamespace } from "./account.ts";
import { envelope, jsonBody, refuse } from "./answer.ts";
import type { FaultVariables } from "./faults.ts";

const TitleSchema = v.object({ title: v.pipe(v.string(), v.nonEmpty(), v.maxLength(512)) });

/** `GET`, `POST`, `DELETE` of KV namespaces. Titles are unique in an account (10014). */
export function namespaceRoutes(account: Account) {
  const routes = new Hono<FaultVariables>();
  routes.get("/", (c) => page(c, listed(account)));
  routes.post("/", async (c) => {
    const body = await jsonBody(c);
    if ("refusal" in body) return body.refusal;
    const asked = v.safeParse(TitleSchema, body.value);
    if (!asked.success) {
      return refuse(c, { status: 400, code: 10019, message: "malformed title" });
    }
    const { title } = asked.output;
    if (listed(account).some((namespace) => namespace.title === title)) {
      const message = "a namespace with this account ID and title already exists";
      return refuse(c, { status: 400, code: 10014, message });
    }
    if (account.namespaces.size >= account.namespaceLimit) {
      const message = "you have reached the maximum number of namespaces";
      return refuse(c, { status: 403, code: 10047, message });
    }
    const id = newId();
    account.namespaces.set(id, newNamespace(title));
    return c.json(envelope({ id, title, supports_url_encoding: true }));
  });
  routes.delete("/:namespace", (c) => {
    if (account.namespaces.delete(c.req.param("namespace"))) return c.json(envelope(null));
    return refuse(c, { status: 404, code: 10013, message: "namespace not found" });
  });
  return routes;
}

function listed(account: Account) {
  return [...account.namespaces].map(([id, { title }]) => ({
    id,
    title,
    supports_url_encoding: true,
  }));
}

/** One page of a listing by `page` and `per_page` (20 by default, 100 at most). */
export function page(c: Context<FaultVariables>, all: readonly unknown[]): Response {
  const number = Math.max(1, Number(c.req.query("page") ?? 1));
  const size = Math.min(100, Math.max(1, Number(c.req.query("per_page") ?? 20)));
  const result = all.slice((number - 1) * size, number * size);
  const info = {
    page: number,
    per_page: size,
    count: result.length,
    total_count: all.length,
    total_pages: Math.ceil(all.length / size),
  };
  return c.json(envelope(result, { result_info: info }));
}
