import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context, Next } from "hono";
import type { LocalKv } from "../workerd.ts";
import { refuse } from "./answer.ts";

/**
 * What goes wrong with one request:
 * - `status`: refused with that status, nothing done; `retryAfter` becomes the header as it stands;
 * - `partial`: a bulk call does not store (or delete) the first so many keys, and lists them;
 * - `lost`: nothing is done and the connection breaks;
 * - `unanswered`: it is done, and then the connection breaks before an answer;
 * - `silent`: nothing is done and no answer ever comes;
 * - `truncated`: it is done, and the answer breaks off half-way;
 * - `garbled`: it is done, and the answer is a page of HTML with status 200.
 */
export type Fault =
  | {
      readonly kind: "status";
      readonly status: 429 | 500 | 502 | 503;
      readonly retryAfter?: string;
    }
  | { readonly kind: "partial"; readonly keys: number }
  | { readonly kind: "lost" | "unanswered" | "silent" | "truncated" | "garbled" };

/** A request as a fault plan sees it; `index` counts from 0. */
export interface PlannedRequest {
  readonly index: number;
  readonly method: string;
  readonly path: string;
}

/** Decides for each request what goes wrong with it; null is nothing. */
export type FaultPlan = (request: PlannedRequest) => Fault | null;

/** What handlers learn: the namespace of the path, and how many keys a bulk call is to leave out. */
export interface FaultVariables {
  Bindings: HttpBindings;
  Variables: { keysLeftOut: number; kv: LocalKv };
}

/** The middleware that carries a plan out. */
export function injectFaults(plan: FaultPlan) {
  let index = 0;
  return async (c: Context<FaultVariables>, next: Next): Promise<Response | undefined> => {
    const fault = plan({ index: index++, method: c.req.method, path: c.req.path });
    c.set("keysLeftOut", fault?.kind === "partial" ? fault.keys : 0);
    if (fault === null || fault.kind === "partial") {
      await next();
      return undefined;
    }
    if (fault.kind === "status") return refuseWith(c, fault.status, fault.retryAfter);
    if (fault.kind === "silent") return RESPONSE_ALREADY_SENT;
    if (fault.kind !== "lost") await next();
    if (fault.kind === "garbled") return replaceAnswer(c, c.html(BAD_GATEWAY));
    if (fault.kind === "truncated") await sendHalf(c);
    c.env.outgoing.destroy();
    return replaceAnswer(c, RESPONSE_ALREADY_SENT);
  };
}

const BAD_GATEWAY = "<html><body>502 Bad Gateway</body></html>";

/** Hono keeps the first answer, and would merge its headers into a second one. */
function replaceAnswer(c: Context, answer: Response): undefined {
  c.res = undefined;
  c.res = answer;
}

function refuseWith(c: Context, status: 429 | 500 | 502 | 503, retryAfter?: string): Response {
  if (retryAfter !== undefined) c.header("retry-after", retryAfter);
  const message = status === 429 ? "Rate limited. Please wait." : "Internal error";
  return refuse(c, { status, code: status === 429 ? 971 : 10001, message });
}

async function sendHalf(c: Context<FaultVariables>): Promise<void> {
  const body = Buffer.from(await c.res.arrayBuffer());
  const { outgoing } = c.env;
  outgoing.writeHead(c.res.status, {
    "content-type": "application/json",
    "content-length": body.length,
  });
  await new Promise<void>((resolve) => {
    outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => resolve());
  });
}
