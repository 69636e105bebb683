import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** One entry of `errors` in Cloudflare's envelope, and the status it goes out with. */
export interface ApiError {
  readonly status: ContentfulStatusCode;
  readonly code: number;
  readonly message: string;
}

/** Cloudflare's envelope around a result that went well. */
export function envelope(result: unknown, more: Record<string, unknown> = {}) {
  return { success: true, errors: [], messages: [], result, ...more };
}

/** Cloudflare's envelope around a refusal. */
export function refuse(c: Context, { status, code, message }: ApiError): Response {
  const body = { success: false, errors: [{ code, message }], messages: [], result: null };
  return c.json(body, status);
}

/** The parsed body, or the 400 that Cloudflare gives to what is not JSON. */
export async function jsonBody(c: Context): Promise<{ value: unknown } | { refusal: Response }> {
  try {
    return { value: await c.req.json() };
  } catch {
    const message = "could not parse body as JSON";
    return { refusal: refuse(c, { status: 400, code: 10012, message }) };
  }
}
