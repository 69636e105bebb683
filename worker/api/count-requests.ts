import type { Context, Next } from "hono";
import { routePath } from "hono/route";
import { edgeStore } from "./edge-store.ts";
import type { ApiContext } from "./environment.ts";
import { quotaOf } from "./keep-to-quota.ts";
import { logRequest } from "./log-request.ts";
import { telemetry, trafficOf } from "./telemetry.ts";

/**
 * Routes that answer with a user's list, by which a release is judged. Lists for a profile that
 * nobody stores are not among them: all of those come from one arm, and nobody clicks in its name.
 */
const LISTS: ReadonlySet<string> = new Set([
  "/recommend/:userId",
  "/v1/users/:userId/recommendations",
]);

/**
 * Names every request that gets as far as the app, counts it and how long it waited, and logs it.
 *
 * A Worker's clock stands still between one I/O and the next, so that nobody can time its neighbours:
 * what is measured is time spent waiting for KV, the queue or a database, not time spent computing.
 */
export async function countRequests(c: Context<ApiContext>, next: Next): Promise<void> {
  const started = Date.now();
  c.set("requestId", crypto.randomUUID());
  await next();
  const traffic = trafficOf(c.env);
  const route = routePath(c, -1);
  const ms = Date.now() - started;
  traffic.time("latency", { route }, ms);
  if (LISTS.has(route)) countList(c, route);
  else if (c.res.status >= 500) traffic.add("errors", { route });
  else if (isRead(c, route)) traffic.add("reads", { route });
  logRequest(c, route, ms);
  telemetry(c.env, (work) => c.executionCtx.waitUntil(work));
}

/** What a tenant's quota of answers counts beside its lists; nobody else is counted for it. */
function isRead(c: Context<ApiContext>, route: string): boolean {
  return c.env.TENANT !== undefined && c.res.status < 400 && quotaOf(route) === "answers";
}

/** A request for a list counts for the release that should have answered it, whoever did. */
function countList(c: Context<ApiContext>, route: string): void {
  const traffic = trafficOf(c.env);
  const { status, headers } = c.res;
  const answered = headers.get("usher-release");
  if (status >= 500) {
    const release = servingRelease(c);
    traffic.add("errors", release === null ? { route } : { release, route });
    if (release !== null) traffic.add("answers", { release, source: "none" });
    return;
  }
  if (answered === null) return;
  const source = headers.get("usher-source")!.split(",")[0]!;
  if (!headers.has("usher-degraded")) {
    traffic.add("answers", { release: answered, source });
    return;
  }
  const release = servingRelease(c) ?? answered;
  traffic.add("answers", { release, source: release === answered ? source : "fallback" });
  traffic.add("degraded", { release });
}

function servingRelease(c: Context<ApiContext>): string | null {
  const waitUntil = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
  return edgeStore(c.env).heldArm(c.req.param("userId") ?? "", waitUntil);
}
