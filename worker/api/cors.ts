import type { Context, Next } from "hono";
import type { ApiContext, ApiEnv } from "./environment.ts";

const DAY_SECONDS = "86400";
const METHODS = "GET, HEAD, POST, DELETE, OPTIONS";
const REQUEST_HEADERS = "authorization, content-type, if-none-match, x-api-key";

/**
 * Lets pages of the origins in `CORS_ORIGINS` read the answers: `*`, one origin, several separated
 * by commas, or none when empty.
 *
 * Shared caches know an answer by its address alone. With `*` or one origin every answer says the
 * same; with several it depends on who asks, and shared caches are told not to keep it. What headers
 * say beside is in the JSON bodies too, so that no header needs exposing.
 */
export async function cors(c: Context<ApiContext>, next: Next): Promise<void> {
  await next();
  const allowed = origins(c.env.CORS_ORIGINS);
  if (allowed.length === 0) return;
  const { headers } = c.res;
  if (allowed.length > 1) {
    headers.append("vary", "origin");
    const cached = headers.get("cache-control");
    if (cached !== null) headers.set("cache-control", cached.replace("public", "private"));
  }
  const origin = originFor(allowed, c.req.header("origin"));
  if (origin === null) return;
  headers.set("access-control-allow-origin", origin);
}

/** What every answer says of other origins, whoever asks; null where that depends on who asks. */
export function fixedCorsHeaders(env: ApiEnv): Record<string, string> | null {
  const allowed = origins(env.CORS_ORIGINS);
  if (allowed.length > 1) return null;
  return allowed.length === 0 ? {} : { "access-control-allow-origin": allowed[0]! };
}

/** `OPTIONS`: what a browser asks before a request that is not simple. */
export function preflight(c: Context<ApiContext>): Response {
  const allowed = origins(c.env.CORS_ORIGINS);
  const headers: Record<string, string> = { allow: METHODS };
  if (originFor(allowed, c.req.header("origin")) !== null) {
    headers["access-control-allow-methods"] = METHODS;
    headers["access-control-allow-headers"] = REQUEST_HEADERS;
    headers["access-control-max-age"] = DAY_SECONDS;
  }
  return new Response(null, { status: 204, headers });
}

let parsed: { readonly text: string; readonly origins: readonly string[] } | null = null;

function origins(text = ""): readonly string[] {
  if (parsed?.text === text) return parsed.origins;
  const list = text.split(",").map((origin) => origin.trim().replace(/\/$/, ""));
  parsed = { text, origins: list.filter((origin) => origin !== "") };
  return parsed.origins;
}

function originFor(allowed: readonly string[], asking: string | undefined): string | null {
  if (allowed.includes("*")) return "*";
  if (allowed.length === 1) return allowed[0]!;
  return asking !== undefined && allowed.includes(asking) ? asking : null;
}
