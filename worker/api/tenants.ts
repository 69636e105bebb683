import { OVER_QUOTA_KEY, TENANTS_KEY } from "../../release/keys.ts";
import { KV_MIN_CACHE_TTL_SECONDS } from "../../release/limits.ts";
import { NOBODY_OVER, type OverQuota, parseOverQuota, usedUp } from "../../release/quota.ts";
import { parseTenantQuotas } from "../../release/tenant.ts";
import { app } from "./app.ts";
import { inTime } from "./deadline.ts";
import type { ApiEnv } from "./environment.ts";
import { Problem, problemResponse } from "./problem.ts";
import { RefreshedKey } from "./refreshed-key.ts";
import { tenantView } from "./tenant-view.ts";
import { answerFromMemory, pathStart } from "./warm-list.ts";

const PATH = "/t/";
const REFRESH_MS = 30_000;
const DEADLINE_MS = 500;
const READ = { type: "text", cacheTtl: KV_MIN_CACHE_TTL_SECONDS } as const;

/** The tenants of a deployment as one isolate holds them, each with its view of the bindings. */
interface Tenants {
  readonly names: RefreshedKey<ReadonlySet<string>>;
  readonly views: Map<string, ApiEnv>;
  /** Who has used up what, as it was read with the names. */
  over: OverQuota;
}

const kept = new WeakMap<KVNamespace, Tenants>();

/**
 * `/t/:tenant/…`: everything that the API answers, of a tenant's catalogue. The path behind the name is
 * answered as it would be without, with bindings that hold nothing of anybody else's.
 *
 * `404` for a tenant that there is not: nothing is kept for names that anybody may make up.
 *
 * @returns null for every other request.
 */
export function answerTenant(
  request: Request,
  env: ApiEnv,
  context: ExecutionContext,
): Response | Promise<Response> | null {
  const { url } = request;
  const path = pathStart(url);
  if (!url.startsWith(PATH, path)) return null;
  const tenants = tenantsOf(env.RELEASES);
  const answer = (names: ReadonlySet<string>) => {
    const end = url.indexOf("/", path + PATH.length);
    const tenant = url.slice(path + PATH.length, end);
    if (end < 0 || !names.has(tenant)) return problemResponse(unknownTenant());
    const view = viewOf(tenants, env, tenant);
    const refuses = usedUp(tenants.over, tenant, Date.now()).includes("answers");
    return (
      (refuses ? null : answerFromMemory(request, view, context, end)) ??
      app.fetch(new Request(url.slice(0, path) + url.slice(end), request), view, context)
    );
  };
  const waitUntil = (work: Promise<unknown>) => context.waitUntil(work);
  const held = tenants.names.held(waitUntil);
  if (held !== null) return answer(held);
  const read = inTime(tenants.names.fetch(), DEADLINE_MS, "reading the tenants", waitUntil);
  return read.then((names) => answer(names ?? new Set()), unreadable);
}

function tenantsOf(kv: KVNamespace): Tenants {
  const known = kept.get(kv);
  if (known !== undefined) return known;
  const read = async () => {
    const quotas = parseTenantQuotas(await kv.get(TENANTS_KEY, READ));
    const limited = [...quotas.values()].some((own) => Object.keys(own).length > 0);
    made.over = limited ? await readOver(kv, made.over) : NOBODY_OVER;
    return new Set(quotas.keys());
  };
  const names = new RefreshedKey<ReadonlySet<string>>(read, REFRESH_MS);
  const made: Tenants = { names, views: new Map(), over: NOBODY_OVER };
  kept.set(kv, made);
  return made;
}

/** A quota is no wall: where KV does not tell, what was known before goes on, and nobody is refused. */
async function readOver(kv: KVNamespace, before: OverQuota): Promise<OverQuota> {
  try {
    return parseOverQuota(await kv.get(OVER_QUOTA_KEY, READ));
  } catch (error) {
    console.error(JSON.stringify({ overQuota: "not read", error: (error as Error).message }));
    return before;
  }
}

function viewOf(tenants: Tenants, env: ApiEnv, tenant: string): ApiEnv {
  const known = tenants.views.get(tenant);
  if (known !== undefined) return known;
  const view = tenantView(env, tenant, () => usedUp(tenants.over, tenant, Date.now()));
  tenants.views.set(tenant, view);
  return view;
}

function unknownTenant(): Problem {
  const message = 'There is no such tenant here. "usher tenants" names those that there are.';
  return new Problem(404, "UNKNOWN_TENANT", message);
}

function unreadable(error: unknown): Response {
  console.error(JSON.stringify({ tenants: "not read", error: (error as Error).message }));
  const message = "It could not be read just now which tenants there are. Ask again.";
  const headers = { "retry-after": "2" };
  return problemResponse(new Problem(503, "TENANTS_UNREACHABLE", message, { headers }));
}
