import { readFile } from "node:fs/promises";
import path from "node:path";
import type { ResourceNames, WorkerName } from "./names.ts";

/** Where each Worker's Wrangler configuration is, below the checkout. */
export const CONFIG_PATHS: Readonly<Record<WorkerName, string>> = {
  api: "wrangler.toml",
  consumer: "worker/consumer/wrangler.toml",
  cron: "sync/wrangler.toml",
};

/** Keys of the configurations that hold a name of ours. */
const NAMED = /^(\s*(?:name|queue|dead_letter_queue|DEAD_QUEUE|service)\s*=\s*")([^"]*)(")/;
/** What a name of ours ends in, longest first; what comes before is the deployment's own name. */
const ENDINGS = ["-events-dead", "-events", "-lists", "-consumer", "-api", "-cron"];
const TABLE = /^\s*\[+\s*([\w.]+)\s*\]+/;
const ID = /^(\s*id\s*=\s*")([^"]*)(")/;

/**
 * A Wrangler configuration for a deployment: names and the KV namespace's id are put in, every other
 * byte, comments included, stays. Doing it again changes nothing.
 */
export function configuredFor(text: string, names: ResourceNames, namespaceId: string): string {
  let table = "";
  return text
    .split("\n")
    .map((line) => {
      table = TABLE.exec(line)?.[1] ?? table;
      if (table === "kv_namespaces") return line.replace(ID, `$1${namespaceId}$3`);
      return line.replace(
        NAMED,
        (_, before, name: string, after) => before + renamed(name, names.deployment) + after,
      );
    })
    .join("\n");
}

function renamed(name: string, deployment: string): string {
  const ending = ENDINGS.find((candidate) => name.endsWith(candidate));
  return ending === undefined ? name : deployment + ending;
}

/** The text of a Worker's configuration. */
export function readConfiguration(checkout: string, worker: WorkerName): Promise<string> {
  return readFile(path.join(checkout, CONFIG_PATHS[worker]), "utf8");
}
