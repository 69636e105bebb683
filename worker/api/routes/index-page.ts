import type { Context } from "hono";
import type { ApiContext } from "../environment.ts";
import { ROUTES } from "../route-table.ts";

/** `GET /v1`: what can be asked here. `/` is the page of `worker/public`. */
export function index(c: Context<ApiContext>) {
  return c.json({ service: "usher", routes: ROUTES });
}
