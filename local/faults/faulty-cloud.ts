import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Database, openDatabase } from "../../drizzle/database.ts";
import { migrate } from "../../drizzle/migrate.ts";
import { freePort } from "../ports.ts";
import { type LocalPostgres, startPostgres } from "../postgres.ts";
import { relocatedHome } from "../postgres-account.ts";
import { type LocalWorkers, startWorkers } from "../workerd.ts";
import { type CuttingProxy, type Fuse, startCuttingProxy } from "./cutting-proxy.ts";

const CRASHING_CONSUMER = fileURLToPath(
  new URL("../../worker/consumer/fixtures/crashing-consumer.ts", import.meta.url),
);

/** The local cloud with everything between queue and table made to fail. */
export interface FaultyCloud {
  readonly api: string;
  readonly workers: LocalWorkers;
  /** Connections of the consumer that were cut. */
  cuts(): number;
  stopPostgres(): Promise<void>;
  startPostgres(): Promise<void>;
  /** The database by a way of its own that is not cut; Postgres must run. */
  withDatabase<T>(use: (database: Database) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/**
 * Starts Postgres behind a cutting proxy, and the Workers.
 *
 * @param consumer the consumer Worker as it is, or one that dies in a third of its runs.
 * @param random decides which connections are cut, and where; none is without it.
 */
export async function startFaultyCloud(
  consumer: "sound" | "crashing",
  random: (() => number) | null = null,
): Promise<FaultyCloud> {
  let cutBefore = 0;
  const fuse = () => {
    if (random === null) return null;
    // Until one was cut, half-way through its handshake, each is to be: no run goes without.
    return cutBefore + proxy.cuts === 0 ? FIRST_FUSE : drawFuse(random);
  };
  const folder = await mkdtemp(path.join(tmpdir(), "usher-faults-"));
  const dataDir = path.join(folder, "postgres");
  const port = await freePort();
  let postgres: LocalPostgres | null = await startPostgres({ dataDir, port });
  // The door of the Neon driver has a new port after every restart: the Workers knock at this one.
  let proxy: CuttingProxy = await startCuttingProxy(portOf(postgres.wsProxy), fuse);
  const proxyPort = proxy.port;
  const withDatabase = async <T>(use: (database: Database) => Promise<T>): Promise<T> => {
    if (postgres === null) throw new Error("Postgres is stopped");
    const database = openDatabase(postgres.url, { wsProxy: postgres.wsProxy });
    return use(database).finally(() => database.close());
  };
  const { url } = postgres;
  const remove = async () => {
    await proxy.stop();
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
    await rm(relocatedHome(dataDir), { recursive: true, force: true });
  };
  const starting = withDatabase(migrate).then(async () =>
    startWorkers({
      port: await freePort(),
      stateDir: path.join(folder, "workers"),
      logFile: path.join(folder, "workers.ndjson"),
      variables: {
        databaseUrl: url,
        databaseWsProxy: `127.0.0.1:${proxyPort}/v1`,
        vars: { RETRY_FIRST_SECONDS: "0" },
      },
      entries: consumer === "crashing" ? { consumer: CRASHING_CONSUMER } : {},
    }),
  );
  const workers = await starting.catch(async (error) => {
    await remove();
    throw error;
  });
  return {
    api: workers.url.origin,
    workers,
    cuts: () => cutBefore + proxy.cuts,
    withDatabase,
    async stopPostgres() {
      await postgres?.stop();
      postgres = null;
    },
    async startPostgres() {
      postgres ??= await startPostgres({ dataDir, port });
      cutBefore += proxy.cuts;
      await proxy.stop();
      proxy = await startCuttingProxy(portOf(postgres.wsProxy), fuse, proxyPort);
    },
    async stop() {
      await workers.stop();
      await remove();
    },
  };
}

const FIRST_FUSE: Fuse = { toServer: Number.MAX_VALUE, fromServer: 200 };

/** Half of the connections are cut: while the statement is on its way, or its result. */
function drawFuse(random: () => number): Fuse | null {
  const kind = random();
  if (kind < 1 / 4) return { toServer: random() ** 3 * 50_000, fromServer: Number.MAX_VALUE };
  if (kind < 1 / 2) return { toServer: Number.MAX_VALUE, fromServer: random() * 900 };
  return null;
}

function portOf(wsProxy: string): number {
  return Number(new URL(`http://${wsProxy}`).port);
}
