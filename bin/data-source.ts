import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Home } from "../local/home.ts";
import { downloadMovieLens } from "../local/movielens.ts";
import { DEFAULT_SHAPE, writeSynthetic } from "../local/synthetic.ts";
import { UsherError } from "../release/error.ts";
import type { Progress } from "./progress.ts";

/** Ratings to start from, and what a person should be told about them. */
export interface DataSource {
  readonly folder: string;
  readonly description: string;
}

/**
 * The ratings a first start imports: the folder given, else MovieLens small from its publisher, else
 * a synthetic catalogue.
 *
 * `USHER_OFFLINE=1` goes straight to the synthetic one.
 */
export async function chooseData(
  home: Home,
  given: string | undefined,
  progress: Progress,
): Promise<DataSource> {
  if (given !== undefined) {
    const folder = path.resolve(given);
    return { folder, description: `your ratings in ${folder}` };
  }
  const movieLens = path.join(home.data, "ml-latest-small");
  const credit = "MovieLens small (Harper & Konstan 2015)";
  if (existsSync(movieLens)) return { folder: movieLens, description: credit };
  await mkdir(home.data, { recursive: true });
  if (process.env["USHER_OFFLINE"] !== "1") {
    try {
      progress.note("downloading MovieLens small (1 MB) from its publisher");
      await downloadMovieLens(movieLens);
      return { folder: movieLens, description: credit };
    } catch (error) {
      if (!(error instanceof UsherError)) throw error;
      progress.note(`${error.message} Going on with synthetic ratings.`);
    }
  }
  const synthetic = path.join(home.data, "synthetic");
  if (!existsSync(synthetic)) await writeSynthetic(synthetic, DEFAULT_SHAPE);
  return {
    folder: synthetic,
    description: `SYNTHETIC ratings (seed ${DEFAULT_SHAPE.seed}): made up, of no real people; give your own with --data DIR`,
  };
}

/** @throws UsherError `DATA_MISSING` when `given` is no folder. */
export async function requireFolder(given: string): Promise<void> {
  const folder = path.resolve(given);
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory() === true) return;
  throw new UsherError(
    "DATA_MISSING",
    found === null
      ? `There is no folder ${folder}. Give --data the folder that holds your ratings (MovieLens csv, .dat or u.data files).`
      : `${folder} is a file. Give --data the folder that holds it.`,
  );
}

/**
 * Whether these very files were imported into this home already, by name, size and time.
 *
 * @param mapping file that says how they are read.
 */
export async function isImported(home: Home, folder: string, mapping?: string): Promise<boolean> {
  const note = await readFile(noteOf(home), "utf8").catch(() => null);
  return note === (await fingerprint(folder, mapping));
}

/** Notes a finished import, so that the next start need not read the files again. */
export async function noteImported(home: Home, folder: string, mapping?: string): Promise<void> {
  await writeFile(noteOf(home), await fingerprint(folder, mapping));
}

function noteOf(home: Home): string {
  return path.join(home.root, "imported.txt");
}

async function fingerprint(folder: string, mapping: string | undefined): Promise<string> {
  const names = (await readdir(folder)).sort();
  const files = names.map((name) => [name, path.join(folder, name)] as const);
  if (mapping !== undefined) files.push(["--mapping", mapping]);
  const lines = await Promise.all(
    files.map(async ([name, place]) => {
      const { size, mtimeMs } = await stat(place);
      return `${name} ${size} ${Math.round(mtimeMs)}\n`;
    }),
  );
  return `${path.resolve(folder)}\n${lines.join("")}`;
}
