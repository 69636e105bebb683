import { tenantDatabaseUrl } from "../../drizzle/tenant-database.ts";
import { checkedTenant, tenantPrefix } from "../../release/tenant.ts";
import type { ConsumerEnv } from "./environment.ts";

/** The consumer's bindings as one tenant has them: its database, its keys; null for the deployment's. */
export function environmentOf(env: ConsumerEnv, tenant: string | null): ConsumerEnv {
  if (tenant === null) return env;
  const { RELEASES } = env;
  const prefix = tenantPrefix(tenant);
  return {
    ...env,
    DATABASE_URL: tenantDatabaseUrl(env.DATABASE_URL, tenant),
    RELEASES: { put: (key, value) => RELEASES.put(prefix + key, value) },
  };
}

/**
 * What an entrypoint answers, of a tenant's data: RPC hands out functions, not entrypoints.
 *
 * @param Entrypoint made anew with the tenant's bindings, so that no method of it can reach others.
 * @throws UsherError `TENANT_NAME`.
 */
export function methodsOf<Asked extends object>(
  Entrypoint: new (ctx: ExecutionContext, env: ConsumerEnv) => Asked,
  ctx: ExecutionContext,
  env: ConsumerEnv,
  tenant: string,
): Omit<Asked, "of"> {
  const asked = new Entrypoint(ctx, environmentOf(env, checkedTenant(tenant)));
  const methods = Object.getOwnPropertyNames(Entrypoint.prototype).flatMap((name) => {
    const method: unknown = Reflect.get(asked, name);
    const isAsked = name !== "constructor" && name !== "of" && typeof method === "function";
    return isAsked ? [[name, method.bind(asked)]] : [];
  });
  return Object.fromEntries(methods) as Omit<Asked, "of">;
}
