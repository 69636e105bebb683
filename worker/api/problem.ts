import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ROUTES } from "./route-table.ts";

/**
 * A refusal for the person who reads it, as problem JSON (RFC 9457).
 *
 * Thrown anywhere below a route; `answerError` turns it into the answer.
 */
export class Problem extends Error {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  /** Members added to the problem document beside the standard ones. */
  readonly details: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: ContentfulStatusCode,
    code: string,
    message: string,
    extra: { details?: Record<string, unknown>; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.details = extra.details ?? {};
    this.headers = extra.headers ?? {};
  }
}

export function answerNotFound(c: Context): Response {
  const path = new URL(c.req.url).pathname.slice(0, 200);
  const message = `There is no ${c.req.method} ${path} here. Usher answers: ${Object.keys(ROUTES).join(", ")}.`;
  return answerError(new Problem(404, "UNKNOWN_ROUTE", message), c);
}

/** Whatever a route throws becomes problem JSON; only what is not a `Problem` is our own fault. */
export function answerError(error: Error, c: Context): Response {
  const problem = error instanceof Problem ? error : unexpected(error, c);
  return c.body(bodyOf(problem), problem.status, headersOf(problem));
}

/** The same where no route was found yet. */
export function problemResponse(problem: Problem): Response {
  return new Response(bodyOf(problem), { status: problem.status, headers: headersOf(problem) });
}

function bodyOf({ code, status, message, details }: Problem): string {
  return JSON.stringify({ type: "about:blank", title: code, status, detail: message, ...details });
}

function headersOf({ headers }: Problem): Record<string, string> {
  return {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    ...headers,
  };
}

function unexpected(error: Error, c: Context): Problem {
  const requestId = c.get("requestId") as string;
  console.error(JSON.stringify({ requestId, error: error.message, stack: error.stack }));
  const message = `Something went wrong inside Usher; the logs name it by request ${requestId}.`;
  return new Problem(500, "INTERNAL", message, { details: { requestId } });
}
