import { randomBytes } from "node:crypto";
import path from "node:path";
import { type Database, openDatabase } from "../drizzle/database.ts";
import { migrate } from "../drizzle/migrate.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { type CronClock, startCronClock } from "./cron-clock.ts";
import {
  endLeftovers,
  type Home,
  makeHome,
  type Running,
  refuseSecondStart,
  removeRunning,
  writeRunning,
} from "./home.ts";
import { requireFreePort } from "./ports.ts";
import { type LocalPostgres, startPostgres } from "./postgres.ts";
import { childrenNamed } from "./processes.ts";
import type { WorkerRole } from "./worker-bundles.ts";
import { type LocalWorkers, startWorkers } from "./workerd.ts";

/** The whole cloud on this machine: Postgres, the three Workers in workerd, KV, queue, cron. */
export interface LocalCloud {
  readonly home: Home;
  /** The API Worker's origin, without a slash at the end. */
  readonly api: string;
  readonly database: Database;
  readonly postgres: LocalPostgres;
  readonly workers: LocalWorkers;
  readonly controlPlane: ControlPlane;
  /** Ends all of it in order; events that were accepted are stored first. Safe to call twice. */
  stop(): Promise<void>;
}

export interface CloudOptions {
  readonly home: Home;
  /** API port; must be free. */
  readonly port?: number;
  /** API port to take when it is free, when `port` is left out; any free one otherwise. */
  readonly preferredPort?: number;
  /**
   * Let the queue hand over its last batch before the Workers end (default); of no use where the
   * database goes with the cloud.
   */
  readonly drainQueue?: boolean;
  /** Fire the Workers' cron triggers each minute (default), or only when a test asks. */
  readonly cronClock?: boolean;
  readonly vars?: Readonly<Record<string, string>>;
  /** Other entry files around a Worker's own, for tests that make it fail. */
  readonly entries?: Partial<Record<WorkerRole, string>>;
  readonly onStep?: (message: string) => void;
}

/** Grace for a queue batch that was being filled when the API stopped taking events, in ms. */
const QUEUE_GRACE_MS = 1_500;

/** The system chooses when workerd listens: a port chosen earlier could be taken by then. */
const ANY_PORT = 0;

/**
 * Brings the local cloud up: database, migrations, Workers, control plane, in this order.
 *
 * When a step fails, the ones before it are stopped again: nothing half-started stays behind.
 *
 * @throws UsherError `HOME_UNUSABLE`, `ALREADY_RUNNING`, `PORT_IN_USE`, `POSTGRES_FAILED`.
 */
export async function startCloud(options: CloudOptions): Promise<LocalCloud> {
  const { home } = options;
  const say = options.onStep ?? (() => {});
  await makeHome(home);
  await refuseSecondStart(home);
  await endLeftovers(home);
  const port = await choosePort(options);
  const undo: (() => Promise<void>)[] = [];
  try {
    say("Postgres: starting the embedded server");
    const postgres = await startPostgres({ dataDir: home.postgres });
    undo.push(() => postgres.stop());
    const database = openDatabase(postgres.url, { wsProxy: postgres.wsProxy });
    undo.push(() => database.close());
    say("Postgres: applying migrations");
    await migrate(database);

    say("Workers: starting API, consumer and cron in workerd");
    const workers = await startWorkers({
      port,
      stateDir: home.workers,
      logFile: path.join(home.logs, "workers.ndjson"),
      ...(options.entries === undefined ? {} : { entries: options.entries }),
      variables: {
        databaseUrl: postgres.url,
        databaseWsProxy: postgres.wsProxy,
        // The local KV shows a write at once: nothing has to settle.
        vars: { SETTLE_SECONDS: "0", ...options.vars },
      },
    });
    undo.push(() => workers.stop());
    const controlPlane = await startControlPlane({
      kv: workers.kv,
      token: randomBytes(16).toString("hex"),
      onCron: (cron) => workers.runCron(cron),
    });
    undo.push(() => controlPlane.stop());
    const clock = options.cronClock === false ? null : startCronClock(workers);
    if (clock !== null) undo.push(() => clock.stop());

    const api = workers.url.origin;
    const cloud = { home, api, database, postgres, workers, controlPlane };
    const graceMs = options.drainQueue === false ? 0 : QUEUE_GRACE_MS;
    await writeRunning(home, await runningNote(cloud));
    return { ...cloud, stop: once(() => stopCloud(cloud, clock, graceMs)) };
  } catch (error) {
    for (const step of undo.reverse()) await step().catch(() => {});
    throw error;
  }
}

async function choosePort(options: CloudOptions): Promise<number> {
  if (options.port !== undefined) return requireFreePort(options.port, "--port");
  if (options.preferredPort === undefined) return ANY_PORT;
  return requireFreePort(options.preferredPort, "--port").catch(() => ANY_PORT);
}

type Parts = Omit<LocalCloud, "stop">;

async function stopCloud(parts: Parts, clock: CronClock | null, graceMs: number): Promise<void> {
  await clock?.stop();
  await parts.controlPlane.stop();
  // The simulated queue lives in memory: give it the time to hand its last batch to the consumer.
  await new Promise((resolve) => setTimeout(resolve, graceMs));
  await parts.workers.stop();
  await parts.database.close();
  await parts.postgres.stop();
  await removeRunning(parts.home);
}

async function runningNote(parts: Parts): Promise<Running> {
  const { url, accountId, namespaceId, token } = parts.controlPlane;
  return {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    api: parts.api,
    controlPlane: { url, accountId, namespaceId, token },
    databaseUrl: parts.postgres.url,
    databaseWsProxy: parts.postgres.wsProxy,
    workerd: await childrenNamed("workerd"),
  };
}

function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= action();
    return done;
  };
}
