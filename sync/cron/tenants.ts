import { TENANTS_KEY } from "../../release/keys.ts";
import { parseTenants } from "../../release/tenant.ts";
import type { CronStore } from "./store.ts";

/** Whose catalogues a trigger goes over; null is the deployment's own. */
export type Catalogues = readonly (string | null)[];

/**
 * All catalogues, beginning with any of them: where one invocation's operations do not reach for all,
 * everybody has their turn. The deployment's own alone while KV does not tell.
 *
 * @param chance 0 up to 1: which comes first.
 */
export async function allCatalogues(deployment: CronStore, chance: number): Promise<Catalogues> {
  const tenants = await deployment
    .text(TENANTS_KEY)
    .then(parseTenants)
    .catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      console.error(JSON.stringify({ tenants: "not read", reason }));
      return [];
    });
  const all = [null, ...tenants];
  const first = Math.floor(chance * all.length);
  return [...all.slice(first), ...all.slice(0, first)];
}
