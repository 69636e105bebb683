import { writeFile } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import { newApiKey, SCOPES } from "../api-key.ts";
import { read } from "./cloudflare.ts";
import { queuesOf, WORKERS, type WorkerName } from "./names.ts";
import { sourceTag } from "./source-tag.ts";
import { known, type Setup, type Step } from "./step.ts";
import { CONFIG_PATHS, configuredFor, readConfiguration } from "./wrangler-config.ts";

/** The Wrangler configurations, then the Workers with their secrets and what starts them. */
export function workerSteps(setup: Setup): Step[] {
  return [configurationStep(setup), ...WORKERS.map((worker) => workerStep(setup, worker))];
}

function configurationStep({ wishes, names, facts }: Setup): Step {
  const changed = async () => {
    const namespaceId = known(facts.namespaceId, "the namespace's id");
    const texts = await Promise.all(
      WORKERS.map(async (worker) => {
        const text = await readConfiguration(wishes.checkout, worker);
        return { worker, text, wanted: configuredFor(text, names, namespaceId) };
      }),
    );
    return texts.filter(({ text, wanted }) => text !== wanted);
  };
  return {
    id: "configuration",
    what: "names and namespace id in the Wrangler configuration",
    makes: Object.values(CONFIG_PATHS).map((file) => `edit ${file}`),
    look: async () => ((await changed()).length === 0 ? "as it should be" : null),
    make: async () => {
      const files: string[] = [];
      for (const { worker, wanted } of await changed()) {
        await writeFile(path.join(wishes.checkout, CONFIG_PATHS[worker]), wanted);
        files.push(CONFIG_PATHS[worker]);
      }
      return files.join(", ");
    },
  };
}

/**
 * Deployed is a Worker whose serving version was built from this code, this configuration and these
 * secrets, and that has what starts it: a run that was cut off between the two is not done.
 */
function workerStep(setup: Setup, worker: WorkerName): Step {
  const { names, deployer, cloudflare } = setup;
  const script = names.workers[worker];
  return {
    id: `worker ${worker}`,
    what: `Worker ${script}`,
    makes: [`wrangler deploy -c ${CONFIG_PATHS[worker]} (secrets: ${SECRETS[worker]})`],
    look: async () => {
      const [serving] = (await cloudflare.serving(script)) ?? [];
      if (serving === undefined) return null;
      const tag = await tagOf(setup, worker);
      if ((await cloudflare.versionTag(script, serving.version)) !== tag) return null;
      const secrets = await secretNames(setup, script);
      if (!secrets.includes(SECRETS[worker])) return null;
      return (await isStarted(setup, worker)) ? `version ${serving.version}, tag ${tag}` : null;
    },
    make: async () => {
      const tag = await tagOf(setup, worker);
      const secrets = await secretsFor(setup, worker);
      await deployer.deploy({ worker, tag, secrets });
      return `tag ${tag}`;
    },
  };
}

const SECRETS: Readonly<Record<WorkerName, string>> = {
  api: "API_KEYS",
  consumer: "DATABASE_URL",
  cron: "DATABASE_URL",
};

async function tagOf({ wishes, facts, sources }: Setup, worker: WorkerName): Promise<string> {
  const text = await readConfiguration(wishes.checkout, worker);
  // API keys are added by the owner later on: that is no change of the deployment.
  const secret = worker === "api" ? "" : known(facts.databaseUrl, "the database");
  return sourceTag(sources, [text, secret]);
}

async function secretsFor(setup: Setup, worker: WorkerName): Promise<Record<string, string>> {
  const { state, facts, names } = setup;
  if (worker !== "api") return { DATABASE_URL: known(facts.databaseUrl, "the database") };
  const has = await secretNames(setup, names.workers.api);
  if (has.includes("API_KEYS")) return {};
  state.operatorKey ??= operatorKey();
  // Kept before it is used: a key that only the Worker knows would be of no use to anybody.
  await setup.saveState();
  return { API_KEYS: `[${state.operatorKey.entry}]` };
}

function operatorKey() {
  const { key, entry } = newApiKey("owner", SCOPES);
  return { key, entry: JSON.stringify(entry) };
}

async function secretNames({ cloudflare }: Setup, script: string): Promise<string[]> {
  const result = await cloudflare.sendIfThere("GET", `/workers/scripts/${script}/secrets`);
  if (result === null) return [];
  return read(v.array(v.object({ name: v.string() })), result).map(({ name }) => name);
}

/** Has it what starts it: its place on workers.dev, its cron triggers, its queues? */
async function isStarted(setup: Setup, worker: WorkerName): Promise<boolean> {
  const { cloudflare, names } = setup;
  const script = names.workers[worker];
  if (worker === "api") {
    const result = await cloudflare.send("GET", `/workers/scripts/${script}/subdomain`);
    return read(v.object({ enabled: v.boolean() }), result).enabled;
  }
  if (worker === "cron") {
    const result = await cloudflare.send("GET", `/workers/scripts/${script}/schedules`);
    const { schedules } = read(v.object({ schedules: v.array(v.unknown()) }), result);
    if (schedules.length === 0) return false;
  }
  const consumed = queuesOf(names).filter(({ consumer }) => consumer === worker);
  const queues = await Promise.all(consumed.map(({ name }) => cloudflare.queue(name)));
  return queues.every(
    (queue) => queue?.consumers.some((consumer) => consumer.script === script) ?? false,
  );
}
