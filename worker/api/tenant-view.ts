import type { TenantMessage } from "../../events/tenant-message.ts";
import type { DailyQuota } from "../../release/quota.ts";
import { nameApart, tenantPrefix } from "../../release/tenant.ts";
import type { ApiEnv } from "./environment.ts";

/**
 * The bindings as one tenant sees them: whatever reads, writes or asks through these can name nothing of
 * anybody else's. What a binding can do beside is left out rather than let through.
 */
export function tenantView(
  deployment: ApiEnv,
  tenant: string,
  usedUp: () => readonly DailyQuota[],
): ApiEnv {
  const { TELEMETRY } = deployment;
  return {
    ...deployment,
    TENANT: { name: tenant, deployment, usedUp },
    RELEASES: keysOf(deployment.RELEASES, tenant),
    EVENTS: queueOf(deployment.EVENTS, tenant),
    LIVE_PROFILES: profilesOf(deployment.LIVE_PROFILES, tenant),
    EVENTS_LIMIT: limitOf(deployment, tenant),
    // Asked anew each time: what an RPC gives does not outlive the request.
    get PEOPLE() {
      return deployment.PEOPLE.of(tenant) as unknown as ApiEnv["PEOPLE"];
    },
    get OPERATIONS() {
      return deployment.OPERATIONS.of(tenant) as unknown as ApiEnv["OPERATIONS"];
    },
    ...(TELEMETRY === undefined ? {} : { TELEMETRY: telemetryOf(TELEMETRY, tenant) }),
  };
}

function keysOf(kv: KVNamespace, tenant: string): KVNamespace {
  const prefix = tenantPrefix(tenant);
  const own = {
    get: (key: string, options: KVNamespaceGetOptions<"text">) => kv.get(prefix + key, options),
    put: (key: string, value: string) => kv.put(prefix + key, value),
  };
  return own as unknown as KVNamespace;
}

function queueOf(queue: Queue, tenant: string): Queue {
  const wrapped = (message: unknown): TenantMessage => ({ tenant, message });
  const own = {
    send: (message: unknown) => queue.send(wrapped(message)),
    sendBatch: (batch: Iterable<MessageSendRequest>) =>
      queue.sendBatch(Array.from(batch, ({ body, ...rest }) => ({ ...rest, body: wrapped(body) }))),
  };
  return own as unknown as Queue;
}

function profilesOf(profiles: ApiEnv["LIVE_PROFILES"], tenant: string): ApiEnv["LIVE_PROFILES"] {
  const own = { getByName: (userId: string) => profiles.getByName(nameApart(tenant, userId)) };
  return own as unknown as ApiEnv["LIVE_PROFILES"];
}

/** A tenant's calls are counted together, and each of its keys as anybody's. */
function limitOf({ EVENTS_LIMIT, TENANT_LIMIT }: ApiEnv, tenant: string): RateLimit {
  return {
    limit: async ({ key }) => {
      const outcome = await EVENTS_LIMIT.limit({ key: `tenant:${tenant} ${key}` });
      return outcome.success ? TENANT_LIMIT.limit({ key: `tenant:${tenant}` }) : outcome;
    },
  };
}

/** Data points name the tenant: in front of what they are sampled by, and in a column of its own. */
function telemetryOf(dataset: AnalyticsEngineDataset, tenant: string): AnalyticsEngineDataset {
  return {
    writeDataPoint: ({ indexes = [], blobs = [], ...point } = {}) =>
      dataset.writeDataPoint({
        ...point,
        indexes: indexes.map((index) => `${tenant}/${index}`.slice(0, MOST_INDEX_CHARACTERS)),
        blobs: [...blobs, tenant],
      }),
  };
}

const MOST_INDEX_CHARACTERS = 96;
