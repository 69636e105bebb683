import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** The folders that Workers are built from. */
export const WORKER_FOLDERS = ["release", "events", "experiments", "drizzle", "worker", "sync"];
const FILES = ["package-lock.json"];
const BUILT_FROM = /\.(?:ts|js|json|html|css|svg|wasm)$/;
const NOT_BUILT_FROM = /\.test\.ts$|^release\/golden\/|^drizzle\/migrations\//;
/** Hex digits of a tag. */
const LENGTH = 16;

/** A hash of the code that the Workers are built from: the same sources give the same, anywhere. */
export async function sourceDigest(checkout: string): Promise<string> {
  const hash = createHash("sha256");
  for (const file of await sources(checkout)) {
    hash.update(`${file}\0`);
    hash.update(await readFile(path.join(checkout, file))).update("\0");
  }
  return hash.digest("hex");
}

/** A tag for the code of a Worker together with what it is configured with. */
export function sourceTag(digest: string, configured: readonly string[]): string {
  const hash = createHash("sha256").update(digest);
  for (const text of configured) hash.update("\0").update(text);
  return hash.digest("hex").slice(0, LENGTH);
}

async function sources(checkout: string): Promise<string[]> {
  const found: string[] = [];
  for (const folder of WORKER_FOLDERS) {
    const names = await readdir(path.join(checkout, folder), { recursive: true });
    found.push(...names.map((name) => path.posix.join(folder, name.split(path.sep).join("/"))));
  }
  const built = found.filter((name) => BUILT_FROM.test(name) && !NOT_BUILT_FROM.test(name));
  return [...built, ...FILES].sort();
}
