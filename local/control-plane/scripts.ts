import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import * as v from "valibot";
import {
  type Account,
  type Binding,
  deploy,
  newScript,
  type Script,
  type Version,
} from "./account.ts";
import { type ApiError, envelope, refuse } from "./answer.ts";
import type { FaultVariables } from "./faults.ts";

const MetadataSchema = v.object({
  main_module: v.string(),
  bindings: v.optional(v.array(v.looseObject({ type: v.string(), name: v.string() })), []),
  migrations: v.optional(v.object({ new_tag: v.optional(v.string()) })),
  annotations: v.optional(v.record(v.string(), v.string()), {}),
});

/** The refusal for a Worker that is not there. */
export const NO_SUCH_WORKER = {
  status: 404,
  code: 10007,
  message: "This Worker does not exist on your account.",
} as const;

/** Uploads, listings and removal of Workers, as `wrangler deploy` and the dashboard make them. */
export function scriptRoutes(account: Account) {
  const routes = new Hono<FaultVariables>();
  routes.get("/scripts", (c) => c.json(envelope([...account.scripts.values()].map(listed))));
  routes.put("/scripts/:script", async (c) => {
    const script = account.scripts.get(c.req.param("script")) ?? newScript(c.req.param("script"));
    const upload = await readUpload(c, account, script);
    if ("refusal" in upload) return upload.refusal;
    account.scripts.set(script.name, script);
    deploy(script, [{ id: upload.version.id, percentage: 100 }]);
    return c.json(envelope(uploaded(script, upload.version)));
  });
  routes.post("/scripts/:script/versions", async (c) => {
    const script = account.scripts.get(c.req.param("script"));
    if (script === undefined) return refuse(c, NO_SUCH_WORKER);
    const upload = await readUpload(c, account, script);
    if ("refusal" in upload) return upload.refusal;
    return c.json(envelope(uploaded(script, upload.version)));
  });
  routes.delete("/scripts/:script", (c) => {
    const name = c.req.param("script");
    if (!account.scripts.has(name)) return refuse(c, NO_SUCH_WORKER);
    const queue = [...account.queues.values()].find(({ consumers }) =>
      [...consumers.values()].some((consumer) => consumer.script === name),
    );
    if (queue !== undefined) {
      const message = `Cannot delete this Worker as it is a consumer for a Queue (${queue.name}).`;
      return refuse(c, { status: 400, code: 10064, message });
    }
    account.scripts.delete(name);
    return c.json(envelope({ id: name }));
  });
  routes.get("/services/:script", (c) => {
    if (account.scripts.has(c.req.param("script"))) {
      return c.json(envelope(service(account.scripts.get(c.req.param("script"))!)));
    }
    const message = "workers.api.error.service_not_found";
    return refuse(c, { status: 404, code: 10090, message });
  });
  routes.post("/scripts/:script/assets-upload-session", (c) =>
    // No bucket to fill: every asset counts as known, and the token closes the session at once.
    c.json(envelope({ jwt: `assets.${randomUUID()}.token`, buckets: [] })),
  );
  return routes;
}

type Upload = { readonly version: Version } | { readonly refusal: Response };

/** Reads a multipart upload into a new version of the script, if all that it binds exists. */
async function readUpload(
  c: Context<FaultVariables>,
  account: Account,
  script: Script,
): Promise<Upload> {
  const form = await c.req.raw.formData().catch(() => null);
  const metadata = v.safeParse(
    v.pipe(v.string(), v.parseJson(), MetadataSchema),
    form?.get("metadata"),
  );
  if (form === null || !metadata.success) {
    const message = "Uncaught SyntaxError: the upload has no valid metadata";
    return { refusal: refuse(c, { status: 400, code: 10021, message }) };
  }
  const { main_module, bindings, migrations, annotations } = metadata.output;
  const modules = await modulesOf(form);
  if (!modules.has(main_module)) {
    const message = `No such module "${main_module}".`;
    return { refusal: refuse(c, { status: 400, code: 10021, message }) };
  }
  const missing = bindings
    .map((binding) => missingTarget(account, binding))
    .find((e) => e !== null);
  if (missing !== undefined) return { refusal: refuse(c, missing) };
  for (const binding of bindings) {
    if (binding.type === "secret_text") script.secrets.set(binding.name, String(binding["text"]));
  }
  if (migrations?.new_tag !== undefined) script.migrationTag = migrations.new_tag;
  const version: Version = {
    id: randomUUID(),
    number: script.versions.size + 1,
    createdAt: new Date().toISOString(),
    bindings: bindings.filter((binding) => binding.type !== "secret_text"),
    modules,
    tag: annotations["workers/tag"] ?? null,
    message: annotations["workers/message"] ?? null,
  };
  script.versions.set(version.id, version);
  return { version };
}

async function modulesOf(form: FormData): Promise<Map<string, Uint8Array>> {
  const modules = new Map<string, Uint8Array>();
  for (const [name, part] of form) {
    if (typeof part !== "string") modules.set(name, new Uint8Array(await part.arrayBuffer()));
  }
  return modules;
}

function missingTarget(account: Account, binding: Binding): ApiError | null {
  if (binding.type === "kv_namespace" && !account.namespaces.has(String(binding["namespace_id"]))) {
    const message = `KV namespace '${binding["namespace_id"]}' is not valid. Please verify the namespace_id in your configuration.`;
    return { status: 400, code: 10042, message };
  }
  const queues = [...account.queues.values()].map((queue) => queue.name);
  if (binding.type === "queue" && !queues.includes(String(binding["queue_name"]))) {
    return { status: 400, code: 11000, message: `Queue "${binding["queue_name"]}" not found.` };
  }
  if (binding.type === "service" && !account.scripts.has(String(binding["service"]))) {
    const message = `Could not resolve service binding '${binding.name}'. Target script '${binding["service"]}' not found.`;
    return { status: 400, code: 10143, message };
  }
  return null;
}

function uploaded(script: Script, version: Version) {
  return {
    id: version.id,
    number: version.number,
    etag: version.id.replaceAll("-", ""),
    deployment_id: version.id.replaceAll("-", ""),
    startup_time_ms: 1,
    metadata: { created_on: version.createdAt, has_preview: false },
    resources: { script: { etag: version.id }, bindings: version.bindings },
    handlers: ["fetch"],
    migration_tag: script.migrationTag,
  };
}

function listed(script: Script) {
  return {
    id: script.name,
    created_on: [...script.versions.values()][0]?.createdAt,
    ...(script.migrationTag === null ? {} : { migration_tag: script.migrationTag }),
  };
}

function service(script: Script) {
  return {
    id: script.name,
    default_environment: {
      environment: "production",
      script: { ...listed(script), last_deployed_from: "wrangler" },
    },
  };
}
