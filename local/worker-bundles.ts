import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
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
export interface WorkerBundle extends ScriptBundle {
  readonly role: WorkerRole;
  readonly name: string;
  readonly options: Unstable_MiniflareWorkerOptions["workerOptions"];
  readonly crons: readonly string[];
}

/** A script and the WebAssembly that it imports, by the name it imports. */
export interface ScriptBundle {
  readonly script: string;
  readonly wasm: readonly { readonly path: string; readonly contents: Uint8Array }[];
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
    ...(await bundleScript(entry ?? main)),
    options: workerOptions,
    crons: config.triggers.crons ?? [],
  };
}

/** @param minify as Wrangler does where the configuration says so; without a source map then. */
export async function bundleScript(entry: string, { minify = false } = {}): Promise<ScriptBundle> {
  const wasm: { path: string; contents: Uint8Array }[] = [];
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
    plugins: [besideScript(wasm)],
    minify,
    sourcemap: minify ? false : "inline",
    logLevel: "silent",
  });
  const script = result.outputFiles[0];
  if (script === undefined) throw new UsherError("WORKER_BUNDLE", `${entry} bundled to nothing.`);
  return { script: script.text, wasm };
}

/** Leaves `.wasm` imports to workerd, as Wrangler's CompiledWasm rule does: Workers may not compile. */
function besideScript(wasm: { path: string; contents: Uint8Array }[]): Plugin {
  return {
    name: "wasm-beside-script",
    setup({ onResolve }) {
      onResolve({ filter: /\.wasm$/ }, async (args) => {
        const name = path.basename(args.path);
        if (!wasm.some((module) => module.path === name)) {
          const contents = await readFile(path.resolve(args.resolveDir, args.path));
          wasm.push({ path: name, contents: new Uint8Array(contents) });
        }
        return { path: `./${name}`, external: true };
      });
    },
  };
}
