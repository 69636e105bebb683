/** One line of JSON for each request, for whatever collects the log; no user's id is ever in one. */
import type { Context } from "hono";
import type { ApiContext, ApiEnv } from "./environment.ts";

/** Ids of events that a line names at most; a call may hold 1,000. */
const MOST_NAMED = 20;
/** UUIDs and digests: an id of the customer's own making may name a person. */
const ANONYMOUS_ID = /^[0-9a-f-]{16,64}$/i;

/** What a call of `POST /v1/events` brought, as its line tells it. */
export interface LoggedEvents {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** Those accepted, to be followed by `usher explain-event`. */
  readonly eventIds: readonly string[];
}

/** Which requests have a line: `all`, all but lists from memory (`computed`), or only 5xx (`errors`). */
type Logged = "all" | "computed" | "errors";

/** What `LOG_REQUESTS` says; anything else than its three words is `computed`. */
export function loggedRequests({ LOG_REQUESTS }: Pick<ApiEnv, "LOG_REQUESTS">): Logged {
  return LOG_REQUESTS === "all" || LOG_REQUESTS === "errors" ? LOG_REQUESTS : "computed";
}

/** The line of a request that the app answered. The route stands for the path, which may name a user. */
export function logRequest(c: Context<ApiContext>, route: string, ms: number): void {
  const { status, headers } = c.res;
  if (status < 500 && loggedRequests(c.env) === "errors") return;
  const degraded = headers.get("usher-degraded");
  console.log(
    JSON.stringify({
      requestId: c.var.requestId,
      tenant: c.env.TENANT?.name,
      method: c.req.method,
      route,
      status,
      release: headers.get("usher-release") ?? undefined,
      source: headers.get("usher-source") ?? undefined,
      degraded: degraded === null ? undefined : layersOf(degraded),
      ms,
      ...eventsOf(c.var.events),
    }),
  );
}

/** The line of a list from memory, whole or 304; it waited for nothing, and has no id of its own. */
export function logListFromMemory(release: string, tenant: string | undefined): void {
  const line = { tenant, method: "GET", route: "/recommend/:userId", release, source: "list" };
  console.log(JSON.stringify(line));
}

/** What failed, by layer: the reason behind it may quote a key of KV, or what a client sent. */
function layersOf(degraded: string): string {
  return [...degraded.matchAll(/(?:^|;%20)([a-z]+):/g)].map(([, layer]) => layer).join(", ");
}

function eventsOf(events: LoggedEvents | undefined) {
  if (events === undefined) return {};
  const eventIds = events.eventIds.filter((id) => ANONYMOUS_ID.test(id)).slice(0, MOST_NAMED);
  return { events: { ...events, eventIds } };
}
