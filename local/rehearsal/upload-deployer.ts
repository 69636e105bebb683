import path from "node:path";
import * as v from "valibot";
import { unstable_readConfig } from "wrangler";
import type { ApiClient } from "../../bin/setup/api-client.ts";
import { CloudflareAccount } from "../../bin/setup/cloudflare.ts";
import type { Deployer, WorkerDeployment } from "../../bin/setup/deployer.ts";
import { CONFIG_PATHS } from "../../bin/setup/wrangler-config.ts";
import type { ControlPlane } from "../control-plane.ts";

/**
 * Deploys as Wrangler does, request by request, but an empty script: a rehearsal that is cut off at
 * every write in turn deploys a hundred times, and it is the requests that are rehearsed.
 */
export function uploadDeployer(checkout: string, plane: ControlPlane, client: ApiClient): Deployer {
  const account = new CloudflareAccount(client, plane.accountId);
  return {
    deploy: async (deployment) => {
      const file = path.join(checkout, CONFIG_PATHS[deployment.worker]);
      const read = unstable_readConfig({ config: file }, { hideWarnings: true });
      const config = v.parse(ConfigurationSchema, read);
      const script = config.name;
      await upload(plane, script, metadata(config, deployment));
      if (config.workers_dev === true) {
        await account.send("POST", `/workers/scripts/${script}/subdomain`, { enabled: true });
      }
      const { crons } = config.triggers;
      if (crons.length > 0) {
        const schedules = crons.map((cron) => ({ cron }));
        await account.send("PUT", `/workers/scripts/${script}/schedules`, schedules);
      }
      for (const consumer of config.queues.consumers) {
        await attach(account, script, consumer.queue, consumer.dead_letter_queue);
      }
    },
  };
}

/** The part of a Wrangler configuration that its requests are made of. */
const ConfigurationSchema = v.object({
  name: v.string(),
  workers_dev: v.optional(v.boolean()),
  triggers: v.object({ crons: v.optional(v.array(v.string()), []) }),
  kv_namespaces: v.array(v.object({ binding: v.string(), id: v.string() })),
  queues: v.object({
    producers: v.optional(v.array(v.object({ binding: v.string(), queue: v.string() })), []),
    consumers: v.optional(
      v.array(v.object({ queue: v.string(), dead_letter_queue: v.optional(v.string()) })),
      [],
    ),
  }),
  services: v.optional(v.array(v.object({ binding: v.string(), service: v.string() })), []),
});
type Configuration = v.InferOutput<typeof ConfigurationSchema>;

function metadata(config: Configuration, { tag, secrets }: WorkerDeployment) {
  const kv = config.kv_namespaces.map(({ binding, id }) => ({
    type: "kv_namespace",
    name: binding,
    namespace_id: id,
  }));
  const queues = config.queues.producers.map(({ binding, queue }) => ({
    type: "queue",
    name: binding,
    queue_name: queue,
  }));
  const services = config.services.map(({ binding, service }) => ({
    type: "service",
    name: binding,
    service,
  }));
  const texts = Object.entries(secrets).map(([name, text]) => ({
    type: "secret_text",
    name,
    text,
  }));
  return {
    main_module: "index.js",
    bindings: [...kv, ...queues, ...services, ...texts],
    annotations: { "workers/tag": tag },
  };
}

async function upload(plane: ControlPlane, script: string, metadata: unknown): Promise<void> {
  const form = new FormData();
  form.set("metadata", JSON.stringify(metadata));
  form.set("index.js", new File(["export default {};"], "index.js"));
  const url = `${plane.url}/accounts/${plane.accountId}/workers/scripts/${script}`;
  const headers = { authorization: `Bearer ${plane.token}` };
  const response = await fetch(url, { method: "PUT", headers, body: form });
  if (!response.ok) throw new Error(`upload of ${script}: ${await response.text()}`);
}

async function attach(
  account: CloudflareAccount,
  script: string,
  name: string,
  deadLetterQueue: string | undefined,
): Promise<void> {
  const queue = (await account.queue(name))!;
  const body = {
    type: "worker",
    script_name: script,
    ...(deadLetterQueue === undefined ? {} : { dead_letter_queue: deadLetterQueue }),
  };
  const consumers = `/queues/${queue.queue_id}/consumers`;
  const there = queue.consumers.find((consumer) => consumer.script === script);
  if (there === undefined) await account.send("POST", consumers, body);
  else await account.send("PUT", `${consumers}/${there.consumer_id}`, body);
}
