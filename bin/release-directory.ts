import { readFile } from "node:fs/promises";
import path from "node:path";
import { type Manifest, parseManifest } from "../release/manifest.ts";

/** The manifest of a release directory, or null when there is no whole release in it. */
export async function readReleaseManifest(folder: string): Promise<Manifest | null> {
  const text = await readFile(path.join(folder, "manifest.json"), "utf8").catch(() => null);
  return text === null ? null : parseManifest(text);
}
