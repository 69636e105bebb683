import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import {
  type Unstable_MiniflareWorkerOptions,
  unstable_getMiniflareWorkerOptions,
  unstable_readConfig,
} from "wrangler";
import { UsherError } from "../release/error.ts";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/** The three Workers by the Wrangler configuration that deploys each. */
const CONFIGURATIONS = {
  api: path.join(root, "wrangler.toml"),
  consumer: path.join(root, "worker/consumer/wrangler.toml"),
  cron: path.join(root, "sync/wrangler.toml"),
};

export type WorkerRole = keyof typeof CONFIGURATIONS;

/** One Worker, ready for workerd: its bundled script and what Wrangler's configuration binds. */
export interface WorkerBundle {
  readonly role: WorkerRole;
  readonly name: string;
  readonly script: string;
  readonly options: Unstable_MiniflareWorkerOptions["workerOptions"];
  readonly crons: readonly string[];
}

/**
 * Bundles one Worker from the very configuration that deploys it, so that local and deployed agree.
 *
 * @param entry another entry file around the Worker's own, for tests that make it fail.
 */
export async function bundleWorker(role: WorkerRole, entry?: string): Promise<WorkerBundle> {
  const config = unstable_readConfig({ config: CONFIGURATIONS[role] }, { hideWarnings: true });
  const { workerOptions, main } = unstable_getMiniflareWorkerOptions(config);
  if (config.name === undefined || main === undefined) {
    throw new UsherError("WORKER_CONFIG", `${CONFIGURATIONS[role]} needs "name" and "main".`);
  }
  return {
    role,
    name: config.name,
    script: await bundle(entry ?? main),
    options: workerOptions,
    crons: config.triggers.crons ?? [],
  };
}

async function bundle(entry: string): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    loader: { ".html": "text", ".txt": "text" },
    sourcemap: "inline",
    logLevel: "silent",
  });
  const script = result.outputFiles[0];
  if (script === undefined) throw new UsherError("WORKER_BUNDLE", `${entry} bundled to nothing.`);
  return script.text;
}
