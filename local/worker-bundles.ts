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
export interface WorkerBundle {
  readonly role: WorkerRole;
  readonly name: string;
  readonly script: string;
  /** WebAssembly that the script imports, by the name it imports. */
  readonly wasm: readonly WasmModule[];
  readonly options: Unstable_MiniflareWorkerOptions["workerOptions"];
  readonly crons: readonly string[];
}

/** A compiled module beside a Worker's script. */
interface WasmModule {
  readonly path: string;
  readonly contents: Uint8Array;
}

/** Bundles one Worker from the very configuration that deploys it, so that local and deployed agree. */
export async function bundleWorker(role: WorkerRole): Promise<WorkerBundle> {
  const config = unstable_readConfig({ config: CONFIGURATIONS[role] }, { hideWarnings: true });
  const { workerOptions, main } = unstable_getMiniflareWorkerOptions(config);
  if (config.name === undefined || main === undefined) {
    throw new UsherError("WORKER_CONFIG", `${CONFIGURATIONS[role]} needs "name" and "main".`);
  }
  return {
    role,
    name: config.name,
    ...(await bundle(main)),
    options: workerOptions,
    crons: config.triggers.crons ?? [],
  };
}

async function bundle(entry: string): Promise<{ script: string; wasm: WasmModule[] }> {
  const wasm: WasmModule[] = [];
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
    sourcemap: "inline",
    logLevel: "silent",
  });
  const script = result.outputFiles[0];
  if (script === undefined) throw new UsherError("WORKER_BUNDLE", `${entry} bundled to nothing.`);
  return { script: script.text, wasm };
}

/** Leaves `.wasm` imports to workerd, as Wrangler's CompiledWasm rule does: Workers may not compile. */
function besideScript(wasm: WasmModule[]): Plugin {
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
