import { ApiRefusal } from "./api-client.ts";
import { queuesOf } from "./names.ts";
import { openSetup, type SetupOptions, stateFile } from "./open-setup.ts";
import { isForbidden } from "./permissions.ts";
import { removeState } from "./state.ts";
import type { Setup } from "./step.ts";

/** One thing that a removal takes away. */
export interface Removal {
  readonly what: string;
  remove(): Promise<void>;
}

/** What a removal would take away, in the order that leaves nothing half-working for long. */
export interface RemovalPlan {
  readonly removals: readonly Removal[];
  /** What stays, and why. */
  readonly kept: readonly string[];
  /** To be called when all is removed. */
  finish(): Promise<void>;
}

/**
 * What a setup made and is there now. First what runs (nobody serves or writes any more), then what
 * feeds it, then what it kept; the database, which cannot be made again, only when asked for.
 *
 * Parts that were there before the setup stay. Without the setup's state file, as on a machine of a
 * CI service, all that bears the deployment's names counts as made by it.
 */
export async function planRemoval(
  options: SetupOptions & { readonly database: boolean },
): Promise<RemovalPlan> {
  const setup = await openSetup(options);
  const kept: string[] = [];
  const removals: Removal[] = [];
  for (const candidate of await candidates(setup, options.database)) {
    if (setup.state.steps[candidate.step]?.status === "found") {
      kept.push(`${candidate.what}: it was there before the setup`);
    } else removals.push(candidate);
  }
  if (!options.database)
    kept.push("the database: ratings cannot be made again (--database removes it)");
  const file = stateFile(setup.wishes.checkout, setup.names.deployment);
  return { removals, kept, finish: () => removeState(file) };
}

interface Candidate extends Removal {
  /** The step of the setup that makes it. */
  readonly step: string;
}

async function candidates(setup: Setup, database: boolean): Promise<Candidate[]> {
  return [
    ...(await consumers(setup)),
    ...(await workers(setup)),
    ...(await queues(setup)),
    ...(await storage(setup)),
    ...(database ? await databases(setup) : []),
  ];
}

/** A Worker that consumes a queue cannot be deleted. */
async function consumers({ cloudflare, names }: Setup): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const { name, consumer } of queuesOf(names)) {
    const queue = await cloudflare.queue(name);
    for (const { consumer_id, script } of queue?.consumers ?? []) {
      if (script !== names.workers[consumer]) continue;
      const path = `/queues/${queue!.queue_id}/consumers/${consumer_id}`;
      found.push({
        step: `worker ${consumer}`,
        what: `consumer ${script} of queue ${name}`,
        remove: async () => void (await cloudflare.sendIfThere("DELETE", path)),
      });
    }
  }
  return found;
}

/** In the opposite order of their making: none is left that binds one which is gone. */
async function workers({ cloudflare, names }: Setup): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const worker of ["cron", "api", "consumer"] as const) {
    const script = names.workers[worker];
    if ((await cloudflare.serving(script)) === null) continue;
    found.push({
      step: `worker ${worker}`,
      what: `Worker ${script}${worker === "api" ? " and its users' live profiles" : ""}`,
      remove: async () =>
        void (await cloudflare.sendIfThere("DELETE", `/workers/scripts/${script}?force=true`)),
    });
  }
  return found;
}

async function queues({ cloudflare, names }: Setup): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const { name } of queuesOf(names)) {
    const queue = await cloudflare.queue(name);
    if (queue === null) continue;
    found.push({
      step: `queue ${name}`,
      what: `queue ${name} and what waits in it`,
      remove: async () =>
        void (await cloudflare.sendIfThere("DELETE", `/queues/${queue.queue_id}`)),
    });
  }
  return found;
}

async function storage({ cloudflare, names }: Setup): Promise<Candidate[]> {
  const found: Candidate[] = [];
  const namespace = await cloudflare.namespaceId(names.namespace);
  if (namespace !== null) {
    const path = `/storage/kv/namespaces/${namespace}`;
    found.push({
      step: "namespace",
      what: `KV namespace ${names.namespace} and the releases in it`,
      remove: async () => void (await cloudflare.sendIfThere("DELETE", path)),
    });
  }
  if (await bucketExists({ cloudflare, names })) {
    found.push({
      step: "bucket",
      what: `R2 bucket ${names.bucket}`,
      remove: async () =>
        void (await cloudflare.sendIfThere("DELETE", `/r2/buckets/${names.bucket}`)),
    });
  }
  return found;
}

/** Asked only of a deployment that made one: a token without R2 may still remove the rest. */
async function bucketExists({ cloudflare, names }: Pick<Setup, "cloudflare" | "names">) {
  return cloudflare.exists(`/r2/buckets/${names.bucket}`).catch((error: unknown) => {
    if (error instanceof ApiRefusal && isForbidden(error)) return false;
    throw error;
  });
}

async function databases({ neon, names, wishes }: Setup): Promise<Candidate[]> {
  if (neon === null) return [];
  if (wishes.branchOf !== null) {
    const project = await neon.projectId(wishes.branchOf);
    const branch = project === null ? null : await neon.branchId(project, names.database);
    if (branch === null) return [];
    const remove = () => neon.remove(`/projects/${project}/branches/${branch}`);
    return [{ step: "database", what: `Neon branch ${names.database} and its data`, remove }];
  }
  const project = await neon.projectId(names.database);
  if (project === null) return [];
  const remove = () => neon.remove(`/projects/${project}`);
  return [{ step: "database", what: `Neon project ${names.database} and ALL ITS DATA`, remove }];
}
