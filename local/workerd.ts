import { appendFile, mkdir } from "node:fs/promises";
import path from "node:path";
import {
  convertV4MiniflareOptions,
  Log,
  LogLevel,
  Miniflare,
  type V4WorkerOptions,
} from "miniflare";
import { bundleWorker, type WorkerBundle, type WorkerRole } from "./worker-bundles.ts";

/** What the Workers must know that production keeps in secrets and variables. */
export interface WorkerVariables {
  readonly databaseUrl: string;
  readonly databaseWsProxy: string;
  /** Overrides of the `[vars]` of any Worker, by name. */
  readonly vars?: Readonly<Record<string, string>>;
}

/** The three Workers in one real workerd, with KV, queue and dead-letter queue. */
export interface LocalWorkers {
  readonly url: URL;
  readonly kv: LocalKv;
  /** Runs the cron Worker's scheduled handler as the platform would at that trigger. */
  runCron(cron: string, at?: Date): Promise<void>;
  readonly crons: readonly string[];
  /** Puts a message into the queue of events, as the API Worker does. */
  send(message: unknown): Promise<void>;
  /** Delivers a batch to the consumer Worker, beside the queue, and tells what it did with it. */
  deliver(messages: readonly QueuedMessage[]): Promise<Delivery>;
  stop(): Promise<void>;
}

/** A message as a queue hands it over. */
export interface QueuedMessage {
  readonly id: string;
  readonly timestamp: Date;
  readonly attempts: number;
  readonly body: unknown;
}

/** What became of a batch; messages that are not named to be retried are done with. */
export interface Delivery {
  /** `ok`, or that the handler threw: all of it comes again then. */
  readonly outcome: string;
  readonly retryBatch: { readonly retry: boolean };
  readonly retryMessages: readonly { readonly msgId: string }[];
}

/** The part of Workers KV's binding that the control plane's stand-in needs. */
export interface LocalKv {
  put(key: string, value: ArrayBuffer, options: KvPutOptions): Promise<void>;
  get(key: string, type: "arrayBuffer"): Promise<ArrayBuffer | null>;
  getWithMetadata(key: string): Promise<{ value: ArrayBuffer | null; metadata: unknown }>;
  delete(key: string): Promise<void>;
  list(options: { prefix?: string; cursor?: string; limit?: number }): Promise<KvListing>;
}

export interface KvPutOptions {
  readonly metadata?: unknown;
  readonly expirationTtl?: number;
}

export interface KvListing {
  readonly keys: readonly { name: string; metadata?: unknown; expiration?: number }[];
  readonly list_complete: boolean;
  readonly cursor?: string;
}

const ROLES: readonly WorkerRole[] = ["api", "consumer", "cron"];

/**
 * Starts the three Workers as their Wrangler configurations describe them.
 *
 * @param port the API's port on loopback; 0 for any.
 * @param stateDir where KV keeps its values between starts.
 * @param logFile one line for each line that a Worker prints.
 * @param entries other entry files around a Worker's own, for tests that make it fail.
 */
export async function startWorkers(options: {
  port: number;
  stateDir: string;
  logFile: string;
  variables: WorkerVariables;
  entries?: Partial<Record<WorkerRole, string>>;
}): Promise<LocalWorkers> {
  await mkdir(path.dirname(options.logFile), { recursive: true });
  await mkdir(options.stateDir, { recursive: true });
  const bundles = await Promise.all(
    ROLES.map((role) => bundleWorker(role, options.entries?.[role])),
  );
  const keepSignals = ownSignals();
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: options.port,
      cf: false,
      log: new Log(LogLevel.NONE),
      resourcePersistencePath: options.stateDir,
      telemetry: { enabled: false },
      handleStructuredLogs: ({ timestamp, level, message }) => {
        const line = `${JSON.stringify({ at: new Date(timestamp).toISOString(), level, message })}\n`;
        appendFile(options.logFile, line).catch(() => {});
      },
      workers: bundles.map((bundle) => workerOptions(bundle, options.variables)),
    }),
  );
  const url = await miniflare.ready;
  keepSignals();
  return {
    url,
    kv: (await miniflare.getKVNamespace("RELEASES", nameOf(bundles, "api"))) as unknown as LocalKv,
    crons: bundles.flatMap((bundle) => bundle.crons),
    runCron: async (cron, at = new Date()) => {
      const worker = await miniflare.getWorker(nameOf(bundles, "cron"));
      await worker.scheduled({ cron, scheduledTime: at });
    },
    send: async (message) => {
      const producer = await miniflare.getQueueProducer("EVENTS", nameOf(bundles, "api"));
      await producer.send(message);
    },
    deliver: async (messages) => {
      const worker = await miniflare.getWorker(nameOf(bundles, "consumer"));
      return (await worker.queue("usher-events", [...messages])) as unknown as Delivery;
    },
    stop: () => miniflare.dispose(),
  };
}

/**
 * Miniflare ends the whole process at the first Ctrl-C, before events under way are stored. Whoever
 * starts it stops it in order; only its listener on the process's own end stays.
 */
function ownSignals(): () => void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const before = signals.map((signal) => process.listeners(signal));
  return () => {
    signals.forEach((signal, at) => {
      for (const listener of process.listeners(signal)) {
        if (!before[at]!.includes(listener)) process.removeListener(signal, listener);
      }
    });
  };
}

function nameOf(bundles: readonly WorkerBundle[], role: WorkerRole): string {
  return bundles.find((bundle) => bundle.role === role)!.name;
}

function workerOptions(bundle: WorkerBundle, variables: WorkerVariables): V4WorkerOptions {
  const { rootPath: _root, modulesRules: _rules, bindings, ...options } = bundle.options;
  const declared = new Map(Object.entries((bindings ?? {}) as Bindings));
  for (const [name, value] of Object.entries(variables.vars ?? {})) {
    if (declared.has(name)) declared.set(name, value);
  }
  // The API reads no database: only the two Workers that do are told where it is.
  if (bundle.role === "api") {
    // Without keys of its own, the API on a developer's machine is open.
    const keys = variables.vars?.["API_KEYS"];
    if (keys === undefined) declared.set("KEYS_REQUIRED", "false");
    else declared.set("API_KEYS", keys);
  } else {
    declared.set("DATABASE_URL", variables.databaseUrl);
    declared.set("DATABASE_WS_PROXY", variables.databaseWsProxy);
  }
  return {
    ...options,
    name: bundle.name,
    modules: [
      { type: "ESModule" as const, path: `${bundle.name}.js`, contents: bundle.script },
      ...bundle.wasm.map((module) => ({ type: "CompiledWasm" as const, ...module })),
    ],
    bindings: Object.fromEntries(declared),
  };
}

type Bindings = NonNullable<V4WorkerOptions["bindings"]>;
