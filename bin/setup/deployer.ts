import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { UsherError } from "../../release/error.ts";
import type { WorkerName } from "./names.ts";
import { CONFIG_PATHS } from "./wrangler-config.ts";

/** A Worker to be uploaded and started. */
export interface WorkerDeployment {
  readonly worker: WorkerName;
  /** Tells this code and configuration from others. */
  readonly tag: string;
  /** Secrets that go up with it; those it has already and that are not named here stay. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Puts a Worker with its secrets, triggers and queue consumers into the account. */
export interface Deployer {
  deploy(deployment: WorkerDeployment): Promise<void>;
}

const WRANGLER = fileURLToPath(
  new URL("../../node_modules/wrangler/bin/wrangler.js", import.meta.url),
);
/** Lines of Wrangler's output that an error repeats. */
const LAST_LINES = 12;

/**
 * Deploys with the very Wrangler that `npm run deploy` runs.
 *
 * @param environment `CLOUDFLARE_API_TOKEN`, `CLOUDFLARE_ACCOUNT_ID`, `CLOUDFLARE_API_BASE_URL`.
 */
export function wranglerDeployer(
  checkout: string,
  environment: Readonly<Record<string, string>>,
): Deployer {
  return {
    deploy: async ({ worker, tag, secrets }) => {
      // A file rather than arguments: those can be seen by every user of the machine.
      const folder = await mkdtemp(path.join(tmpdir(), "usher-secrets-"));
      try {
        const file = path.join(folder, "secrets.json");
        await writeFile(file, JSON.stringify(secrets), { mode: 0o600 });
        const arguments_ = ["deploy", "-c", CONFIG_PATHS[worker], "--tag", tag];
        await runWrangler(checkout, [...arguments_, "--secrets-file", file], environment);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/**
 * Runs Wrangler and gives what it printed.
 *
 * @throws UsherError `WRANGLER_FAILED` with the end of its output.
 */
export function runWrangler(
  checkout: string,
  arguments_: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [WRANGLER, ...arguments_], {
      cwd: checkout,
      env: {
        ...process.env,
        CI: "true",
        WRANGLER_SEND_METRICS: "false",
        NO_COLOR: "1",
        ...environment,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) return resolve(output);
      const lines = output
        .trim()
        .split("\n")
        .filter((line) => line.trim() !== "");
      const message = `"wrangler ${arguments_.slice(0, 3).join(" ")}" failed:\n${lines.slice(-LAST_LINES).join("\n")}`;
      reject(new UsherError("WRANGLER_FAILED", message));
    });
  });
}
