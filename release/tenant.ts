/** Several catalogues in one deployment: how what is a tenant's is named apart from all else. */
import * as v from "valibot";
import { UsherError } from "./error.ts";
import { type Quotas, quotasSchema } from "./quota.ts";

/** Part of paths, of keys in KV and of a database's name, which has at most 63 bytes. */
const NAME = /^[a-z][a-z0-9-]{0,29}$/;
const FAULT = "is no tenant's name: 1 to 30 of a-z, 0-9 and -, a letter first";
/** Longer than any id or key of the deployment's own catalogue: an id has at most 128 bytes. */
const WIDTH = 129;

/** A tenant's name, for schemas. */
export const tenantName = v.pipe(v.string(), v.regex(NAME, FAULT));

const TenantsSchema = v.strictObject({
  // 2 has quotas, which whoever reads 1 alone would not keep to.
  v: v.picklist([1, 2]),
  tenants: v.array(tenantName),
  // Pairs: an object would not hold every name, as `constructor`.
  quotas: v.optional(v.array(v.tuple([tenantName, quotasSchema])), []),
});

/** The tenants of a deployment by name, ascending, each with its quotas. */
export type Tenants = ReadonlyMap<string, Quotas>;

/** @throws UsherError `TENANT_NAME` for a text that cannot be a tenant's name. */
export function checkedTenant(text: string): string {
  if (NAME.test(text)) return text;
  throw new UsherError("TENANT_NAME", `"${text}" ${FAULT}.`);
}

/** What every key of a tenant in Workers KV starts with; the deployment's own catalogue has none. */
export function tenantPrefix(tenant: string): string {
  return `t/${tenant}/`;
}

/**
 * A name that neither another tenant nor the deployment's own catalogue can give to anything, whatever
 * characters their ids are made of: tenants differ within a fixed width, which no id fills.
 */
export function nameApart(tenant: string, name: string): string {
  return tenantPrefix(tenant).padEnd(WIDTH, "/") + name;
}

/**
 * The value of the key `tenants`.
 *
 * @param quotas of those that have any.
 */
export function tenantsText(
  tenants: readonly string[],
  quotas: ReadonlyMap<string, Quotas> = new Map(),
): string {
  const names = [...new Set(tenants)].sort();
  const limited = names.flatMap((name) => {
    const own = Object.entries(quotas.get(name) ?? {}).filter(([, limit]) => limit !== undefined);
    return own.length === 0 ? [] : [[name, Object.fromEntries(own)]];
  });
  if (limited.length === 0) return JSON.stringify({ v: 1, tenants: names });
  return JSON.stringify({ v: 2, tenants: names, quotas: limited });
}

/** The names in the key `tenants`. @throws UsherError `TENANTS_INVALID`. */
export function parseTenants(text: string | null): readonly string[] {
  return [...parseTenantQuotas(text).keys()];
}

/**
 * The tenants in the key `tenants`, each with its quotas; none while there is no such key.
 *
 * @throws UsherError `TENANTS_INVALID` for a key that holds something else.
 */
export function parseTenantQuotas(text: string | null): Tenants {
  if (text === null) return new Map();
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), TenantsSchema), text);
  if (result.success) {
    const { tenants, quotas } = result.output;
    const own = new Map(quotas);
    return new Map(tenants.map((tenant) => [tenant, own.get(tenant) ?? {}]));
  }
  const issue = result.issues[0];
  const where = v.getDotPath(issue) ?? "the document";
  throw new UsherError(
    "TENANTS_INVALID",
    `The key "tenants" holds something else: ${where}: ${issue.message}. "usher tenants add" and "remove" write it.`,
  );
}
