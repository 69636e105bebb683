import type { Context } from "hono";
import type { ApiContext } from "./environment.ts";
import { Problem } from "./problem.ts";

/** Seconds of the window that `[[ratelimits]]` in wrangler.toml counts in. */
const WINDOW_SECONDS = 60;

/**
 * Counts a call against the platform's rate limit: by key, or by address where there is none.
 *
 * @throws Problem 429 when the caller has used up its calls in this location.
 */
export async function limitRate(c: Context<ApiContext>, keyName: string | null): Promise<void> {
  const key = keyName === null ? `ip:${c.req.header("cf-connecting-ip") ?? ""}` : `key:${keyName}`;
  const { success } = await c.env.EVENTS_LIMIT.limit({ key });
  if (success) return;
  throw new Problem(
    429,
    "TOO_MANY_CALLS",
    "Too many calls in the last minute. A call takes up to 1,000 events: send more of them at once.",
    { headers: { "retry-after": String(WINDOW_SECONDS) } },
  );
}
