import { createHash } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { unzipSync } from "fflate";
import { UsherError } from "../release/error.ts";

/** MovieLens small (Harper & Konstan 2015), 610 users, 100,836 ratings, 1 MB. */
const SOURCE = "https://files.grouplens.org/datasets/movielens/ml-latest-small.zip";

/** SHA-256 of the files that are used, as published in September 2018. */
const CHECKSUMS: Readonly<Record<string, string>> = {
  "ratings.csv": "80da8b3393dae325bbba5a31f291a6ba55d8d4f4396de3c456f2c1635b1b70e8",
  "movies.csv": "c47b783f23eb304413307e1bb05335e427737da20ec8d3c0e96335567dd5f3dc",
};

const TIMEOUT_MS = 20_000;

/**
 * Downloads MovieLens small from its publisher into `folder`, whole or not at all.
 *
 * The files' checksums are compared, not the archive's: they are what is imported.
 *
 * @throws UsherError `DOWNLOAD_FAILED` without a network, `DOWNLOAD_DIFFERS` on another content.
 */
export async function downloadMovieLens(folder: string): Promise<void> {
  const archive = await fetchArchive();
  const files = unzipSync(archive);
  const partial = `${folder}.part`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  for (const [name, expected] of Object.entries(CHECKSUMS)) {
    const bytes = Object.entries(files).find(([file]) => file.endsWith(`/${name}`))?.[1];
    if (bytes === undefined || sha256(bytes) !== expected) throw differs(name);
    await writeFile(path.join(partial, name), bytes);
  }
  await rename(partial, folder);
}

async function fetchArchive(): Promise<Uint8Array> {
  try {
    const response = await fetch(SOURCE, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new UsherError("DOWNLOAD_FAILED", `${SOURCE} could not be fetched.`, { cause });
  }
}

function differs(name: string): UsherError {
  return new UsherError(
    "DOWNLOAD_DIFFERS",
    `${SOURCE} holds another ${name} than the one this version of Usher knows. Download it yourself and give the folder with --data DIR.`,
  );
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
