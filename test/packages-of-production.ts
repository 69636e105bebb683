/** The packages that `npm ci --omit=dev` installs, by the lock file. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface LockedPackage {
  readonly dev?: boolean;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

async function lockedPackages(): Promise<Record<string, LockedPackage>> {
  return JSON.parse(await readFile(path.join(ROOT, "package-lock.json"), "utf8")).packages;
}

/** Names of the packages directly below `node_modules` that are not for development. */
export async function packagesOfProduction(): Promise<string[]> {
  const entries = Object.entries(await lockedPackages());
  const installed = new Set(await readdir(path.join(ROOT, "node_modules")));
  return entries
    .filter(([name, { dev }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(name) && dev !== true)
    .map(([name]) => name.slice("node_modules/".length))
    .filter((name) => installed.has(name.split("/")[0]!));
}

/** The packages of `from`, what they ask for, and all that this asks for in turn. */
export async function askedFor(from: readonly string[]): Promise<Set<string>> {
  const locked = await lockedPackages();
  const found = new Set(from);
  // A set is walked in the order of its making, over what is added on the way too.
  for (const name of found) {
    const { dependencies, optionalDependencies } = locked[`node_modules/${name}`] ?? {};
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) found.add(next);
  }
  return found;
}
