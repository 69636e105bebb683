import { createHash } from "node:crypto";
import * as v from "valibot";
import { UsherError } from "../../release/error.ts";
import { ApiRefusal } from "./api-client.ts";
import { read } from "./cloudflare.ts";
import { queuesOf } from "./names.ts";
import type { Setup, Step } from "./step.ts";

/** The parts that hold data in Cloudflare, and the account's place on workers.dev. */
export function storageSteps(setup: Setup): Step[] {
  const { names, wishes } = setup;
  return [
    subdomainStep(setup),
    namespaceStep(setup),
    ...queuesOf(names).map(({ name, what }) => queueStep(setup, name, what)),
    ...(wishes.bucket ? [bucketStep(setup)] : []),
  ];
}

function subdomainStep({ cloudflare, wishes, facts }: Setup): Step {
  // The same proposal each time, so that a run that was cut off asks for the same again.
  const digest = createHash("sha256").update(cloudflare.id).digest("hex");
  const label = wishes.subdomain ?? `usher-${digest.slice(0, 8)}`;
  return {
    id: "subdomain",
    what: "workers.dev subdomain",
    makes: [`PUT /accounts/${cloudflare.id}/workers/subdomain {"subdomain":"${label}"}`],
    look: async () => {
      const result = await cloudflare.sendIfThere("GET", "/workers/subdomain");
      if (result === null) return null;
      facts.subdomain = read(v.object({ subdomain: v.string() }), result).subdomain;
      return `${facts.subdomain}.workers.dev`;
    },
    make: async () => {
      await cloudflare.send("PUT", "/workers/subdomain", { subdomain: label }).catch((error) => {
        if (!(error instanceof ApiRefusal) || !error.codes.includes(10031)) throw error;
        throw new UsherError(
          "SUBDOMAIN_TAKEN",
          `${label}.workers.dev belongs to somebody else. Choose another with --subdomain NAME.`,
        );
      });
      facts.subdomain = label;
      return `${label}.workers.dev`;
    },
  };
}

function namespaceStep({ cloudflare, names, facts }: Setup): Step {
  return {
    id: "namespace",
    what: `KV namespace ${names.namespace}`,
    makes: [`POST /accounts/${cloudflare.id}/storage/kv/namespaces {"title":"${names.namespace}"}`],
    look: async () => {
      facts.namespaceId = await cloudflare.namespaceId(names.namespace);
      return facts.namespaceId;
    },
    make: async () => {
      facts.namespaceId = await cloudflare.createNamespace(names.namespace);
      return facts.namespaceId;
    },
  };
}

function queueStep({ cloudflare }: Setup, name: string, what: string): Step {
  return {
    id: `queue ${name}`,
    what: `${what} ${name}`,
    makes: [`POST /accounts/${cloudflare.id}/queues {"queue_name":"${name}"}`],
    look: async () => (await cloudflare.queue(name))?.queue_id ?? null,
    make: () => cloudflare.createQueue(name),
  };
}

function bucketStep({ cloudflare, names }: Setup): Step {
  return {
    id: "bucket",
    what: `R2 bucket ${names.bucket}`,
    makes: [`POST /accounts/${cloudflare.id}/r2/buckets {"name":"${names.bucket}"}`],
    look: async () =>
      (await cloudflare.exists(`/r2/buckets/${names.bucket}`)) ? names.bucket : null,
    make: async () => {
      await cloudflare.send("POST", "/r2/buckets", { name: names.bucket });
      return names.bucket;
    },
  };
}
