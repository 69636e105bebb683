import type { Context } from "hono";
import type { ApiContext } from "../environment.ts";

/** `GET /`: what can be asked here. */
export function index(c: Context<ApiContext>) {
  return c.json({
    service: "usher",
    routes: {
      "GET /recommend/:userId": "up to 20 item ids, comma-separated",
      "GET /v1/users/:userId/recommendations?limit": "the same with titles and scores",
      "GET /v1/trending?limit": "what is rated and watched most of late",
      "POST /v1/events": "one event, or up to 1,000 in an array",
      "GET /healthz": "the Worker runs",
      "GET /readyz": "a release is active",
    },
  });
}
