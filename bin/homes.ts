import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, realpath, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Home, homeAt, type Running, readRunning } from "../local/home.ts";
import { UsherError } from "../release/error.ts";

/** All local Ushers of this checkout; each set of ratings has a home of its own below it. */
const HOMES = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../.usher");
/** Names the home that was started last. */
const LATEST = path.join(HOMES, "latest");

/**
 * The home that a command means: the one given, the one of a data folder, or the one used last.
 *
 * Each data folder has its own home, because user and item ids of two data sets collide.
 */
export async function chooseHome(options: { home?: string; data?: string }): Promise<Home> {
  if (options.home !== undefined) return homeAt(options.home);
  if (options.data !== undefined) return homeAt(path.join(HOMES, await homeName(options.data)));
  const latest = await readFile(LATEST, "utf8").catch(() => "default");
  return homeAt(path.join(HOMES, latest.trim()));
}

export async function rememberHome(home: Home): Promise<void> {
  if (path.dirname(home.root) !== HOMES) return;
  await mkdir(HOMES, { recursive: true });
  await writeFile(LATEST, `${path.basename(home.root)}\n`);
}

async function homeName(data: string): Promise<string> {
  const folder = await realpath(data);
  const digest = createHash("sha256").update(folder).digest("hex").slice(0, 6);
  const name = path.basename(folder).replace(/[^A-Za-z0-9._-]+/g, "-") || "data";
  return `${name}-${digest}`;
}

/** The running local Usher that a command means. @throws UsherError `NOT_RUNNING`, `WHICH_HOME`. */
export async function findRunning(
  homeOption: string | undefined,
): Promise<{ home: Home; running: Running }> {
  if (homeOption !== undefined) {
    const home = homeAt(homeOption);
    const running = await readRunning(home);
    if (running !== null) return { home, running };
    throw notRunning(`No Usher runs on ${home.root}.`);
  }
  const found = await allRunning();
  if (found.length === 1) return found[0]!;
  if (found.length === 0) throw notRunning("No local Usher runs.");
  const names = found.map(({ home }) => home.root).join(", ");
  throw new UsherError("WHICH_HOME", `Several Ushers run: ${names}. Name one with --home DIR.`);
}

async function allRunning(): Promise<{ home: Home; running: Running }[]> {
  if (!existsSync(HOMES)) return [];
  const found: { home: Home; running: Running }[] = [];
  for (const entry of await readdir(HOMES, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const home = homeAt(path.join(HOMES, entry.name));
    const running = await readRunning(home);
    if (running !== null) found.push({ home, running });
  }
  return found;
}

function notRunning(what: string): UsherError {
  return new UsherError(
    "NOT_RUNNING",
    `${what} Start one with "npm start", or point to a deployed one: set DATABASE_URL, CLOUDFLARE_ACCOUNT_ID, CLOUDFLARE_API_TOKEN and USHER_KV_NAMESPACE_ID.`,
  );
}
