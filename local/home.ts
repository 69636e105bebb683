import { access, constants, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import { UsherError } from "../release/error.ts";
import { processesNamed } from "./processes.ts";

/** Where everything of a local Usher lives, under one folder (`.usher/` by default). */
export interface Home {
  readonly root: string;
  readonly postgres: string;
  readonly workers: string;
  readonly releases: string;
  readonly data: string;
  readonly logs: string;
  /** Present while a local Usher runs: how other commands reach it. */
  readonly running: string;
}

export function homeAt(root: string): Home {
  const at = (name: string) => path.join(path.resolve(root), name);
  return {
    root: path.resolve(root),
    postgres: at("postgres"),
    workers: at("workers"),
    releases: at("releases"),
    data: at("data"),
    logs: at("logs"),
    running: at("running.json"),
  };
}

const RunningSchema = v.object({
  pid: v.number(),
  startedAt: v.string(),
  api: v.string(),
  controlPlane: v.object({
    url: v.string(),
    accountId: v.string(),
    namespaceId: v.string(),
    token: v.string(),
  }),
  databaseUrl: v.string(),
  databaseWsProxy: v.string(),
  /** Processes of workerd, which outlive a start that is killed outright. */
  workerd: v.array(v.number()),
});

/** How to reach the local Usher that runs on a home. */
export type Running = v.InferOutput<typeof RunningSchema>;

/**
 * Makes the folder of a home, before anything is started that would fail in it less clearly.
 *
 * @throws UsherError `HOME_UNUSABLE` where it names a file, or nothing can be made or written.
 */
export async function makeHome(home: Home): Promise<void> {
  try {
    await makeFolder(home.root);
    await access(home.root, constants.W_OK);
  } catch (cause) {
    const { code = String(cause) } = cause as NodeJS.ErrnoException;
    const reason = UNUSABLE[code] ?? `it cannot be made there (${code})`;
    throw new UsherError(
      "HOME_UNUSABLE",
      `Usher cannot keep its data in ${home.root}: ${reason}. Name another folder with --home DIR.`,
      { cause },
    );
  }
}

const UNUSABLE: Readonly<Record<string, string>> = {
  EEXIST: "that is a file, not a folder",
  ENOTDIR: "a part of that path is a file, not a folder",
  EACCES: "you may not write there",
  EPERM: "you may not write there",
  EROFS: "what is there is read-only",
  ENOSPC: "the disk is full",
};

/** One folder after another: Node's own recursive `mkdir` never ends where the system makes none, as in /proc. */
async function makeFolder(folder: string): Promise<void> {
  const parent = path.dirname(folder);
  if ((await isFolder(folder)) || parent === folder) return;
  await makeFolder(parent);
  await mkdir(folder).catch(async (error: unknown) => {
    if (!(await isFolder(folder))) throw error;
  });
}

async function isFolder(target: string): Promise<boolean> {
  return stat(target).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** The local Usher that runs on this home, or null; a note left by a killed one does not count. */
export async function readRunning(home: Home): Promise<Running | null> {
  const noted = await readNote(home);
  return noted !== null && isAlive(noted.pid) ? noted : null;
}

/** Ends what a start that was killed outright left running; of Postgres its own start takes care. */
export async function endLeftovers(home: Home): Promise<void> {
  const noted = await readNote(home);
  if (noted === null || isAlive(noted.pid)) return;
  const children = await processesNamed("workerd");
  for (const { pid } of children) if (noted.workerd.includes(pid)) process.kill(pid, "SIGKILL");
  await removeRunning(home);
}

async function readNote(home: Home): Promise<Running | null> {
  const text = await readFile(home.running, "utf8").catch(() => null);
  if (text === null) return null;
  const parsed = v.safeParse(RunningSchema, parseJson(text));
  return parsed.success ? parsed.output : null;
}

/** @throws UsherError `ALREADY_RUNNING` when another process serves this home. */
export async function refuseSecondStart(home: Home): Promise<void> {
  const running = await readRunning(home);
  if (running === null || running.pid === process.pid) return;
  throw new UsherError(
    "ALREADY_RUNNING",
    `Usher already runs here as process ${running.pid}: ${running.api}. Use that one, stop it with Ctrl-C in its terminal (or kill ${running.pid}), or start another with --home DIR.`,
  );
}

export async function writeRunning(home: Home, running: Running): Promise<void> {
  await mkdir(home.root, { recursive: true });
  await writeFile(home.running, `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 });
}

export async function removeRunning(home: Home): Promise<void> {
  await rm(home.running, { force: true });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
