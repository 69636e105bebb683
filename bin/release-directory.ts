import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { type Manifest, parseManifest } from "../release/manifest.ts";

/** Where a release lies that a person names: by its directory, or by its id in a home's releases. */
export function releaseDirectory(releases: string, named: string): string {
  return named.includes(path.sep) ? named : path.join(releases, named);
}

/** The manifest of a release directory, or null when there is no whole release in it. */
export async function readReleaseManifest(folder: string): Promise<Manifest | null> {
  const text = await readFile(path.join(folder, "manifest.json"), "utf8").catch(() => null);
  return text === null ? null : parseManifest(text);
}

/** The newest whole release that its gate let pass, or null when the folder has none. */
export async function newestReleaseDirectory(folder: string): Promise<string | null> {
  const names = await readdir(folder).catch(() => []);
  // Release ids begin with the time at which they were made.
  for (const name of names.sort().reverse()) {
    const manifest = await readReleaseManifest(path.join(folder, name));
    if (manifest !== null && (manifest.gate.passed || manifest.gate.forced)) {
      return path.join(folder, name);
    }
  }
  return null;
}
