import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { UsherError } from "../release/error.ts";
import { type NeonProxy, startNeonProxy } from "./neon-proxy.ts";
import { freePort } from "./ports.ts";
import { type PostgresAccount, placePostgres } from "./postgres-account.ts";

/** A running PostgreSQL of our own, reached as Neon is: a connection string and a WebSocket proxy. */
export interface LocalPostgres {
  /** Connection string, `postgres://usher:usher@127.0.0.1:PORT/postgres`. */
  readonly url: string;
  /** Where the Neon driver's WebSocket goes, `127.0.0.1:PORT/v1`. */
  readonly wsProxy: string;
  /** Where the data really is: not `dataDir` where an account of its own could not reach that. */
  readonly dataDir: string;
  /** Ends Postgres and the proxy; open connections are closed, what was committed stays. */
  stop(): Promise<void>;
}

const USER = "usher";
const READY = "database system is ready to accept connections";

/**
 * Starts the PostgreSQL that ships inside the npm package, creating its data folder at first.
 *
 * The binaries are run from here rather than through the package's class because that class ends
 * the whole process at the first Ctrl-C, before events in flight are stored. A first start that is
 * killed half-way leaves a `.new` folder, which the next start throws away; a Postgres orphaned by
 * a killed start is stopped first.
 *
 * @param dataDir where the cluster lives; created when missing.
 * @param port TCP port on loopback; a free one when left out.
 * @throws UsherError `POSTGRES_FAILED` with Postgres' own last words.
 */
export async function startPostgres(options: {
  dataDir: string;
  port?: number;
}): Promise<LocalPostgres> {
  const account = await placePostgres(options.dataDir);
  await mkdir(path.dirname(account.dataDir), { recursive: true });
  if (!existsSync(path.join(account.dataDir, "PG_VERSION"))) await createCluster(account);
  await stopOrphan(account);
  const port = options.port ?? (await freePort());
  const server = await launch(account, port);
  const proxy = await startNeonProxy(port);
  return {
    url: `postgres://${USER}:${USER}@127.0.0.1:${port}/postgres`,
    wsProxy: `127.0.0.1:${proxy.port}/v1`,
    dataDir: account.dataDir,
    stop: () => shutDown(server, proxy),
  };
}

async function createCluster(account: PostgresAccount): Promise<void> {
  const fresh = `${account.dataDir}.new`;
  await rm(fresh, { recursive: true, force: true });
  await rm(account.dataDir, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  await account.own(fresh);
  const passwordFile = `${account.dataDir}.password`;
  await writeFile(passwordFile, `${USER}\n`);
  await account.own(passwordFile);
  try {
    await run(account, account.binaries.initdb, [
      `--pgdata=${fresh}`,
      "--auth=scram-sha-256",
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      "--encoding=UTF8",
      "--locale=C",
      "--no-sync",
    ]);
    await rename(fresh, account.dataDir);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Runs one of Postgres' own commands to its end. */
async function run(account: PostgresAccount, command: string, args: string[]): Promise<void> {
  const child = spawn(command, args, { ...account.credentials, cwd: "/", env: cleanEnvironment() });
  const words = lastWords(child);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw failed(`${path.basename(command)} ended with ${code}`, words());
}

/** A start that was killed outright leaves its Postgres running on our data folder: end that one. */
async function stopOrphan(account: PostgresAccount): Promise<void> {
  const pidFile = path.join(account.dataDir, "postmaster.pid");
  const pid = Number((await readFile(pidFile, "utf8").catch(() => "")).split("\n")[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  const args = ["stop", "-D", account.dataDir, "-m", "fast", "-w", "-t", "30"];
  await run(account, account.binaries.pg_ctl, args).catch(() => rm(pidFile, { force: true }));
}

async function launch(account: PostgresAccount, port: number): Promise<ChildProcess> {
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "60",
    shared_buffers: "128MB",
    // A power cut may cost the last moments; a killed process costs nothing.
    synchronous_commit: "off",
    log_min_messages: "warning",
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  // Its own process group: a Ctrl-C in the terminal reaches us alone, and we end things in order.
  const server = spawn(
    account.binaries.postgres,
    ["-D", account.dataDir, "-p", String(port), ...flags],
    { ...account.credentials, cwd: "/", detached: true, env: cleanEnvironment() },
  );
  const words = lastWords(server);
  await new Promise<void>((resolve, reject) => {
    server.stderr?.on("data", () => words().includes(READY) && resolve());
    server.once("error", reject);
    server.once("close", (code) => reject(failed(`postgres ended with ${code}`, words())));
  });
  return server;
}

async function shutDown(server: ChildProcess, proxy: NeonProxy): Promise<void> {
  await proxy.stop();
  if (server.exitCode !== null || server.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    server.once("exit", () => resolve());
    // SIGINT is Postgres' fast shutdown: it ends sessions and writes everything out.
    server.kill("SIGINT");
  });
}

/** Keeps the last 4 KB that a process says, for the error message should it fail. */
function lastWords(child: ChildProcess): () => string {
  let text = "";
  const keep = (chunk: Buffer) => {
    text = (text + chunk.toString("utf8")).slice(-4096);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  return () => text;
}

/** The caller's PG* variables must not redirect our own cluster. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("PG"));
  return { ...Object.fromEntries(kept), LC_ALL: "C" };
}

function failed(what: string, words: string): UsherError {
  return new UsherError(
    "POSTGRES_FAILED",
    `The embedded Postgres could not start: ${what}. It said:\n${words.trim()}\nIf its data folder is damaged, delete it and start again; ratings are then imported anew.`,
  );
}
