import type { Context } from "hono";
import type { ApiContext } from "../environment.ts";
import { ROUTES } from "../route-table.ts";

/** `GET /`: what can be asked here. */
export function index(c: Context<ApiContext>) {
  return c.json({ service: "usher", routes: ROUTES });
}
