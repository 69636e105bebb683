/** workerd itself, without the proxies of a development server before it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "../../local/ports.ts";
import type { ScriptBundle } from "../../local/worker-bundles.ts";
import { cpuMs, residentMb } from "../process-usage.ts";

const COMPATIBILITY_DATE = "2026-08-15";
const LISTENS_WITHIN_MS = 10_000;

/** One Worker to serve: its modules, and its bindings in workerd's own words. */
export interface BenchWorker {
  readonly name: string;
  readonly bundle: ScriptBundle;
  readonly bindings?: readonly string[];
}

/** A running workerd. */
export interface Workerd {
  /** Where each Worker listens. */
  readonly urls: Readonly<Record<string, string>>;
  /** From its start until every Worker had answered, in milliseconds. */
  readonly startMs: number;
  /** Where its isolates can be inspected, by the protocol of Chrome's tools; null unless asked for. */
  readonly inspector: string | null;
  /** Processor time that it has used, in milliseconds. */
  cpuMs(): number;
  /** Memory that it holds, in megabytes. */
  memoryMb(): number;
  stop(): Promise<void>;
}

/** Workers KV as one Worker over a folder: a value a file, named by its key, read at each request. */
const KV_OVER_FILES: ScriptBundle = {
  script: `export default {
    fetch(request, env) {
      const key = decodeURIComponent(new URL(request.url).pathname.slice(1));
      return env.FILES.fetch("http://files/" + key);
    },
  };`,
  wasm: [],
};

/**
 * @param directory for the configuration; `files` is the folder of KV's values.
 * @param options `inspect` lets isolates be inspected, which slows them.
 */
export async function startWorkerd(
  directory: string,
  files: string,
  workers: readonly BenchWorker[],
  options: { inspect?: boolean } = {},
): Promise<Workerd> {
  await mkdir(directory, { recursive: true });
  const ports = new Map<string, number>();
  for (const { name } of workers) ports.set(name, await freePort());
  const kv = {
    name: "kv",
    bundle: KV_OVER_FILES,
    bindings: ['(name = "FILES", service = "files")'],
  };
  const all = [kv, ...workers];
  for (const { name, bundle } of all) {
    await writeFile(path.join(directory, `${name}.js`), bundle.script);
    for (const wasm of bundle.wasm) {
      await writeFile(path.join(directory, wasm.path), wasm.contents);
    }
  }
  const services = all.map(({ name }) => `(name = "${name}", worker = .${name})`);
  const sockets = [...ports].map(
    ([name, port]) =>
      `(name = "${name}", address = "127.0.0.1:${port}", http = (), service = "${name}")`,
  );
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "files", disk = "${files}"), ${services.join(", ")}],
  sockets = [${sockets.join(", ")}],
);
${all.map(describe).join("\n")}`;
  const file = path.join(directory, "config.capnp");
  await writeFile(file, config);
  const inspector = options.inspect === true ? `127.0.0.1:${await freePort()}` : null;
  const inspect = inspector === null ? [] : [`--inspector-addr=${inspector}`];
  const started = performance.now();
  const child = spawn(workerdBinary(), ["serve", ...inspect, file], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const urls = Object.fromEntries(
    [...ports].map(([name, port]) => [name, `http://127.0.0.1:${port}`]),
  );
  await untilListening(child, Object.values(urls));
  return {
    urls,
    startMs: performance.now() - started,
    inspector,
    cpuMs: () => cpuMs(child.pid!),
    memoryMb: () => residentMb(child.pid!),
    stop: () => stop(child),
  };
}

function describe({ name, bundle, bindings = [] }: BenchWorker): string {
  const wasm = bundle.wasm.map(
    (module) => `, (name = "./${module.path}", wasm = embed "${module.path}")`,
  );
  return `const ${name} :Workerd.Worker = (
  modules = [(name = "${name}.js", esModule = embed "${name}.js")${wasm.join("")}],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  bindings = [${bindings.join(", ")}],
);`;
}

function workerdBinary(): string {
  const from = createRequire(import.meta.url);
  return path.join(path.dirname(from.resolve("workerd/package.json")), "bin/workerd");
}

async function untilListening(child: ChildProcess, urls: readonly string[]): Promise<void> {
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const patience = performance.now() + LISTENS_WITHIN_MS;
  while (performance.now() < patience) {
    if (child.exitCode !== null) throw new Error(`workerd ended: ${said}`);
    const answers = await Promise.allSettled(urls.map((url) => fetch(url)));
    if (answers.every(({ status }) => status === "fulfilled")) return;
    await wait(1);
  }
  throw new Error(`workerd does not listen: ${said}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  // Asked kindly, it waits for an inspector that looks on.
  child.kill("SIGKILL");
  await ended;
}
