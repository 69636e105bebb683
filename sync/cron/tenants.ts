import { TENANTS_KEY } from "../../release/keys.ts";
import { parseTenants } from "../../release/tenant.ts";
import type { CronStore } from "./store.ts";

/** Whose catalogues a trigger goes over; null is the deployment's own. */
export type Catalogues = readonly (string | null)[];

/**
 * All catalogues, each trigger beginning with another: where one invocation's operations do not reach
 * for all of them, everybody has their turn. The deployment's own alone while KV does not tell.
 */
export async function cataloguesAt(deployment: CronStore, now: Date): Promise<Catalogues> {
  const tenants = await deployment
    .text(TENANTS_KEY)
    .then(parseTenants)
    .catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      console.error(JSON.stringify({ tenants: "not read", reason }));
      return [];
    });
  const all = [null, ...tenants];
  const first = turnOf(now) % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

/** Minutes and hours together: what comes every hour would else always meet the same minute. */
function turnOf(now: Date): number {
  const minutes = Math.floor(now.getTime() / 60_000);
  return minutes + Math.floor(minutes / 60);
}
