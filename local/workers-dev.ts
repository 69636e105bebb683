import { type ServerType, serve } from "@hono/node-server";
import { Hono } from "hono";
import {
  convertV4MiniflareOptions,
  Log,
  LogLevel,
  Miniflare,
  type V4WorkerOptions,
} from "miniflare";
import type { Account, Binding, Script, Version } from "./control-plane/account.ts";
import { MemoryKv } from "./memory-kv.ts";

/** A stand-in for workers.dev: what was uploaded to an account answers, in real workerd. */
export interface WorkersDev {
  /** Origin of one Worker, as `https://<name>.<subdomain>.workers.dev` would be. */
  readonly origin: string;
  stop(): Promise<void>;
}

/** `script="version"`: this version is to answer, if it has a share of the traffic. */
const OVERRIDE = /^([\w-]+)="([\w-]+)"$/;

/**
 * Serves one Worker of the account: the modules of its serving version, its variables and secrets, and
 * its KV namespace as it stood when the pointer last changed. Queues take what is sent and keep it;
 * Workers that it binds are there, and answer nothing.
 */
export async function startWorkersDev(account: Account, name: string): Promise<WorkersDev> {
  let running: { key: string; miniflare: Miniflare } | null = null;
  const answering = async (version: Version, script: Script): Promise<Miniflare> => {
    const kv = namespaceOf(account, version);
    const key = `${version.id} ${new TextDecoder().decode((await kv.get("pointer")) ?? undefined)}`;
    if (running?.key === key) return running.miniflare;
    await running?.miniflare.dispose();
    running = { key, miniflare: await start(version, script, kv) };
    return running.miniflare;
  };
  const app = new Hono();
  app.all("*", async (c) => {
    const script = account.scripts.get(name);
    const version = script === undefined ? undefined : versionFor(script, c.req.raw.headers);
    if (script === undefined || version === undefined || !script.onWorkersDev) {
      return c.text("error code: 1042", 404);
    }
    const miniflare = await answering(version, script);
    const { pathname, search } = new URL(c.req.url);
    const response = await miniflare.dispatchFetch(`http://${name}${pathname}${search}`, {
      method: c.req.method,
      headers: Object.fromEntries(c.req.raw.headers),
    });
    const type = response.headers.get("content-type") ?? "text/plain";
    return c.body(await response.text(), response.status as 200, { "content-type": type });
  });
  const { server, port } = await listen(app);
  return {
    origin: `http://127.0.0.1:${port}`,
    stop: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      });
      await running?.miniflare.dispose();
    },
  };
}

function versionFor(script: Script, headers: Headers): Version | undefined {
  const shares = [...(script.deployments[0]?.versions ?? [])];
  const [, asked, id] =
    OVERRIDE.exec(headers.get("cloudflare-workers-version-overrides") ?? "") ?? [];
  if (asked === script.name && shares.some((share) => share.id === id)) {
    return script.versions.get(id!);
  }
  shares.sort((a, b) => b.percentage - a.percentage);
  return script.versions.get(shares[0]?.id ?? "");
}

function namespaceOf(account: Account, version: Version): MemoryKv {
  const bound = version.bindings.find(({ type }) => type === "kv_namespace");
  const kv = account.namespaces.get(String(bound?.["namespace_id"]))?.kv;
  return kv instanceof MemoryKv ? kv : new MemoryKv();
}

async function start(version: Version, script: Script, kv: MemoryKv): Promise<Miniflare> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      cf: false,
      log: new Log(LogLevel.NONE),
      telemetry: { enabled: false },
      workers: [workerOptions(version, script), ...neighbours(version)],
    }),
  );
  await miniflare.ready;
  const bound = version.bindings.find(({ type }) => type === "kv_namespace")!.name;
  const target = await miniflare.getKVNamespace(bound, script.name);
  for (const [key, { value }] of kv.values) await target.put(key, value);
  return miniflare;
}

function workerOptions(version: Version, script: Script): V4WorkerOptions {
  const of = (type: string) => version.bindings.filter((binding) => binding.type === type);
  const named = <T>(type: string, value: (binding: Binding) => T) =>
    Object.fromEntries(of(type).map((binding) => [binding.name, value(binding)]));
  return {
    name: script.name,
    compatibilityDate: "2026-08-15",
    modules: modulesOf(version),
    bindings: {
      ...named("plain_text", (binding) => String(binding["text"])),
      ...Object.fromEntries(script.secrets),
    },
    kvNamespaces: named("kv_namespace", (binding) => String(binding["namespace_id"])),
    queueProducers: named("queue", (binding) => String(binding["queue_name"])),
    serviceBindings: named("service", (binding) => ({
      name: String(binding["service"]),
      entrypoint: String(binding["entrypoint"]),
    })),
    durableObjects: named("durable_object_namespace", (binding) => ({
      className: String(binding["class_name"]),
      useSQLite: true,
    })),
  };
}

/** The main module first; a source map is none. */
function modulesOf(version: Version): NonNullable<Extract<V4WorkerOptions["modules"], unknown[]>> {
  return [...version.modules]
    .filter(([name]) => !name.endsWith(".map"))
    .map(([name, contents]) => ({
      type: name.endsWith(".wasm") ? ("CompiledWasm" as const) : ("ESModule" as const),
      path: name.replace(/^\.\//, ""),
      contents,
    }))
    .sort((a, b) => Number(b.type === "ESModule") - Number(a.type === "ESModule"));
}

function neighbours(version: Version): V4WorkerOptions[] {
  const services = version.bindings.filter(({ type }) => type === "service");
  const names = [...new Set(services.map((binding) => String(binding["service"])))];
  return names.map((name) => ({
    name,
    compatibilityDate: "2026-08-15",
    modules: true,
    script: [
      'import { WorkerEntrypoint } from "cloudflare:workers";',
      ...services
        .filter((binding) => binding["service"] === name)
        .map((binding) => `export class ${binding["entrypoint"]} extends WorkerEntrypoint {}`),
      "export default { fetch: () => new Response(null, { status: 404 }) };",
    ].join("\n"),
  }));
}

function listen(app: Hono): Promise<{ server: ServerType; port: number }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, (info) =>
      resolve({ server, port: info.port }),
    );
    server.once("error", reject);
  });
}
