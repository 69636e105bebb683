import type { Context, Next } from "hono";
import type { Account, Permission } from "./account.ts";
import { refuse } from "./answer.ts";
import type { FaultVariables } from "./faults.ts";

const PERMISSION_OF: readonly [part: RegExp, needs: Permission][] = [
  [/\/storage\/kv\//, "Workers KV Storage"],
  [/\/queues/, "Queues"],
  [/\/workers\//, "Workers Scripts"],
  [/\/r2\//, "Workers R2 Storage"],
];

/** Refuses what the token has no permission for, as Cloudflare does: 403 with code 10000. */
export function requirePermission(account: Account) {
  return async (c: Context<FaultVariables>, next: Next): Promise<Response | undefined> => {
    const needs = PERMISSION_OF.find(([part]) => part.test(c.req.path))?.[1];
    if (needs !== undefined && !account.permissions.has(needs)) {
      return refuse(c, { status: 403, code: 10000, message: "Authentication error" });
    }
    await next();
    return undefined;
  };
}
