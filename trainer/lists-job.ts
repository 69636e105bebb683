/**
 * A release but for its lists: everything that any machine needs to make a share of them. In memory
 * during one training; on disk, as an `unlisted-…` directory, when several machines make the lists.
 *
 * On disk: `job.json`, `values/` as in a release, and `arrays/<path>`, the model's weights, the
 * profiles and the users' hashes as they lie in memory (little-endian). No user id is in it.
 */
import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UsherError } from "../release/error.ts";
import type { ValueRecord } from "../release/manifest.ts";
import type { CardDraft } from "./card/card.ts";
import type { ListsInput } from "./lists.ts";
import { type ListDiversity, requireSensible } from "./lists-plan.ts";
import type { ManifestFacts } from "./release.ts";
import { writeValue } from "./release.ts";
import { mapArrays, type NumberArray, sharedLike } from "./scoring/shared-arrays.ts";

export interface ListsJob extends ListsInput {
  /** Manifest members that are known before the lists. */
  facts: Omit<ManifestFacts, "lists">;
  /** Catalogue and model parts, as the release will hold them. */
  values: readonly { key: string; value: ArrayBuffer }[];
  /** Time of the release. */
  createdAt: Date;
  /** The model card, but for the release's name. */
  card?: CardDraft | undefined;
}

const FORMAT = 1;
const ARRAY_TYPES = { Float32Array, Uint32Array, Int32Array, Int8Array, Uint8Array };

/** In the place of an array in job.json. */
interface ArrayReference {
  array: keyof typeof ARRAY_TYPES;
  file: string;
  length: number;
  sha256: string;
}

interface JobFile {
  format: number;
  key: string;
  createdAt: string;
  facts: ListsJob["facts"];
  values: ValueRecord[];
  card?: CardDraft | undefined;
  /** A ListsInput with references in the place of arrays. */
  input: unknown;
}

/**
 * sha256 (hex) of all that decides the bytes of a release: dataset, weights, profiles, plan and
 * values. Times, the dataset's too, and the card, which tells of durations, are not among it: a second
 * run on the same events makes the same job.
 */
export function jobKey(job: ListsJob): string {
  const sha = createHash("sha256").update("usher lists 1\n");
  const described = mapArrays(inputOf(job), (array, path) => {
    sha.update(`${path} ${array.length}\n`).update(bytesOf(array));
    return null;
  });
  for (const { key, value } of job.values) sha.update(`${key}\n`).update(new Uint8Array(value));
  const { takenAt: _, ...dataset } = job.facts.dataset;
  return sha.update(JSON.stringify([described, { ...job.facts, dataset }])).digest("hex");
}

/**
 * Writes a job into a directory of `directory`, whole or not at all, in place of an equal one of an
 * earlier run.
 *
 * @returns the path of the job's directory.
 */
export async function saveJob(job: ListsJob, directory: string): Promise<string> {
  const key = jobKey(job);
  const path = join(directory, `unlisted-${key.slice(0, 16)}`);
  const draft = `${path}.${process.pid}.part`;
  try {
    await writeJob(job, key, draft);
    await rm(path, { recursive: true, force: true });
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    throw cause;
  }
  return path;
}

async function writeJob(job: ListsJob, key: string, draft: string): Promise<void> {
  await mkdir(join(draft, "arrays"), { recursive: true });
  const files: Promise<void>[] = [];
  const input = mapArrays(inputOf(job), (array, file): ArrayReference => {
    const bytes = bytesOf(array);
    files.push(writeFile(join(draft, "arrays", file), bytes));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { array: typeOf(array), file, length: array.length, sha256 };
  });
  await Promise.all(files);
  const values: ValueRecord[] = [];
  for (const { key, value } of job.values) values.push(await writeValue(draft, key, value));
  const createdAt = job.createdAt.toISOString();
  const { facts, card } = job;
  const file: JobFile = { format: FORMAT, key, createdAt, facts, values, card, input };
  await writeFile(join(draft, "job.json"), JSON.stringify(file));
}

/** A job read from disk: like the one that was saved, with the key it was saved under. */
export interface SavedJob extends ListsJob {
  key: string;
}

/**
 * Reads a job; its arrays come into shared memory.
 *
 * Throws `UNLISTED_MISSING` when there is none, `UNLISTED_DAMAGED` when a file is not what was
 * written.
 */
export async function loadJob(path: string): Promise<SavedJob> {
  const text = await readFile(join(path, "job.json"), "utf8").catch((cause: unknown) => {
    throw new UsherError(
      "UNLISTED_MISSING",
      `There is no unlisted release in ${path}. "usher train --lists none" makes one.`,
      { cause },
    );
  });
  const { format, key, createdAt, facts, values, card, input } = parseJob(path, text);
  if (format !== FORMAT) throw damaged(path, `it has format ${format}, not ${FORMAT}`);
  const read: Promise<void>[] = [];
  const restored = restoreArrays(input, (reference) => {
    const array = sharedLike(new ARRAY_TYPES[reference.array](0), reference.length);
    read.push(readInto(path, reference, array));
    return array;
  }) as ListsInput;
  await Promise.all(read);
  const loaded = await Promise.all(
    values.map(async ({ key, sha256 }) => {
      const bytes = new Uint8Array(await readFile(join(path, "values", key)).catch(missing(path)));
      requireHash(path, key, bytes, sha256);
      return { key, value: bytes.buffer };
    }),
  );
  return { ...restored, key, createdAt: new Date(createdAt), facts, card, values: loaded };
}

/**
 * The same job with its lists re-ranked, under a key of its own: every machine that is given the same
 * choice makes parts of the same release.
 *
 * Throws `DIVERSITY_INVALID`.
 */
export function rerankedJob(job: SavedJob, diversity: ListDiversity): SavedJob {
  requireSensible(diversity);
  const reranked = { ...job, plan: { ...job.plan, diversity } };
  return { ...reranked, key: jobKey(reranked) };
}

function inputOf({ served, profiles, hashes, plan, categories }: ListsJob): ListsInput {
  return { served, profiles, hashes, plan, ...(categories === undefined ? {} : { categories }) };
}

function typeOf(array: NumberArray): keyof typeof ARRAY_TYPES {
  return array.constructor.name as keyof typeof ARRAY_TYPES;
}

function bytesOf(array: NumberArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** The inverse of `mapArrays` with references. */
function restoreArrays(value: unknown, restore: (reference: ArrayReference) => unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => restoreArrays(each, restore));
  if ("array" in value && "sha256" in value) return restore(value as ArrayReference);
  const entries = Object.entries(value).map(([name, each]) => [name, restoreArrays(each, restore)]);
  return Object.fromEntries(entries);
}

const READ_BYTES = 64 * 1024 * 1024;

async function readInto(path: string, { file, sha256 }: ArrayReference, array: NumberArray) {
  const handle = await open(join(path, "arrays", file)).catch(missing(path));
  try {
    const bytes = bytesOf(array);
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await handle.read(bytes, at, Math.min(READ_BYTES, bytes.length - at));
      if (bytesRead === 0) throw damaged(path, `arrays/${file} is too short`);
      at += bytesRead;
    }
    requireHash(path, `arrays/${file}`, bytes, sha256);
  } finally {
    await handle.close();
  }
}

function requireHash(path: string, file: string, bytes: Uint8Array, sha256: string): void {
  if (createHash("sha256").update(bytes).digest("hex") === sha256) return;
  throw damaged(path, `the checksum of ${file} does not match`);
}

function parseJob(path: string, text: string): JobFile {
  try {
    return JSON.parse(text) as JobFile;
  } catch (cause) {
    throw damaged(path, "job.json is no JSON", cause);
  }
}

/** A file of a job that cannot be read. */
function missing(path: string): (cause: NodeJS.ErrnoException) => never {
  return (cause) => {
    throw damaged(path, cause.message, cause);
  };
}

function damaged(path: string, why: string, cause?: unknown): UsherError {
  return new UsherError(
    "UNLISTED_DAMAGED",
    `The unlisted release in ${path} is damaged: ${why}. Copy it again, or train again.`,
    { cause },
  );
}
