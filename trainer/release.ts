/**
 * The release directory: `<directory>/<release>/manifest.json` and `values/<key>` for every value,
 * with the model card beside the manifest.
 *
 * It is written into a draft beside it and renamed when complete: a directory with a release's name
 * is always whole. A draft is named by a key of all that goes into the release, so that a run that
 * was killed is taken up by the next one with the same dataset and model, and by no other.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CHECKSUMS_KEY, listApart } from "../release/checksums.ts";
import { UsherError } from "../release/error.ts";
import { WRITTEN_FORMATS } from "../release/formats.ts";
import { type Manifest, parseManifest, type ValueRecord } from "../release/manifest.ts";
import { writeWhole } from "./write-whole.ts";

/** What the caller knows; name, values and formats are the writer's. */
export type ManifestFacts = Omit<
  Manifest,
  "format" | "formats" | "release" | "createdAt" | "values" | "listed"
>;

export interface WrittenRelease {
  release: string;
  /** Absolute or relative as `directory` was given. */
  path: string;
  manifest: Manifest;
}

/** Names and texts of the files beside a manifest. */
export type FilesBeside = (manifest: Manifest) => Promise<Record<string, string>>;

const DRAFT_PREFIX = ".draft-";
/** Whose draft it is and since when; removed before the draft gets its release's name. */
const OWNER_FILE = "draft.json";

interface Owner {
  pid: number;
  createdAt: string;
}

/** A release in the making. End it with `finish` or `abandon`, or leave it to be taken up. */
export class ReleaseDraft {
  readonly #directory: string;
  readonly #path: string;
  readonly #createdAt: string;
  readonly #values = new Map<string, ValueRecord>();

  private constructor(directory: string, path: string, createdAt: string) {
    this.#directory = directory;
    this.#path = path;
    this.#createdAt = createdAt;
  }

  /**
   * Opens the draft of a key (hex) in `directory`, made if need be, after clearing the drafts that
   * dead processes left of other keys.
   *
   * Throws `DRAFT_IN_USE` when a running process has it open.
   *
   * @param now time of the release, unless the draft has one from an earlier run.
   */
  static async open(directory: string, key: string, now: Date): Promise<ReleaseDraft> {
    const name = DRAFT_PREFIX + key.slice(0, 16);
    const path = join(directory, name);
    await mkdir(join(path, "values"), { recursive: true });
    await clearLeftovers(directory, name);
    const owner = await readOwner(path);
    if (owner !== null && owner.pid !== process.pid && isRunning(owner.pid)) {
      throw new UsherError(
        "DRAFT_IN_USE",
        `Process ${owner.pid} is making the same release in ${path}. Wait for it, or stop it.`,
      );
    }
    const createdAt = owner?.createdAt ?? now.toISOString();
    const text = JSON.stringify({ pid: process.pid, createdAt } satisfies Owner);
    await writeWhole(join(path, OWNER_FILE), text);
    return new ReleaseDraft(directory, path, createdAt);
  }

  /** Writes one value; `key` is relative to the release (`catalogue`, `model/0`, `l/17`). */
  async put(key: string, value: ArrayBuffer | Uint8Array): Promise<void> {
    this.#values.set(key, await writeValue(this.#path, key, value));
  }

  /**
   * Takes a value that an earlier run has written, if it is there and `check` does not throw.
   *
   * @returns what `check` gives, or null.
   */
  async recall<T>(key: string, check: (value: ArrayBuffer) => T): Promise<T | null> {
    const found = await recallValue(this.#path, key, check);
    if (found === null) return null;
    this.#values.set(key, found.record);
    return found.checked;
  }

  /**
   * Writes the manifest last and gives the directory its name:
   * `YYYYMMDD-HHMMSS-` and 8 hex digits of the content (all values and the dataset).
   *
   * Throws `RELEASE_EXISTS` when the same content was written within the same second.
   *
   * @param beside files to stand beside the manifest, by name; they are not pushed
   */
  async finish(facts: ManifestFacts, beside?: FilesBeside): Promise<WrittenRelease> {
    const values = inOrder([...this.#values.values()]);
    const release = releaseId(values, facts.dataset.hash, this.#createdAt);
    const path = join(this.#directory, release);
    const named = { release, createdAt: this.#createdAt, ...facts, formats: WRITTEN_FORMATS };
    const document = { ...named, ...(await this.#manifestValues(values)) };
    const manifest = parseManifest(JSON.stringify(document));
    await writeFile(join(this.#path, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    for (const [name, text] of Object.entries((await beside?.(manifest)) ?? {})) {
      await writeFile(join(this.#path, name), text);
    }
    await rm(join(this.#path, OWNER_FILE));
    await rename(this.#path, path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== "ENOTEMPTY" && cause.code !== "EEXIST") throw cause;
      throw new UsherError(
        "RELEASE_EXISTS",
        `${path} exists already, written within this very second from the same content. Push that ` +
          "one, or train again.",
        { cause },
      );
    });
    return { release, path, manifest };
  }

  /** What the manifest says of the values; those of a large release are listed beside it. */
  async #manifestValues(values: ValueRecord[]): Promise<Partial<Manifest>> {
    const apart = listApart(values);
    if (apart === null) return { format: 1, values };
    const own = await writeValue(this.#path, CHECKSUMS_KEY, apart.list);
    return { format: 2, listed: apart.listed, values: [...apart.named, own] };
  }

  /** Removes the draft. */
  async abandon(): Promise<void> {
    await rm(this.#path, { recursive: true, force: true });
  }
}

/** Writes `values/<key>` below a folder, whole or not at all. */
export async function writeValue(
  folder: string,
  key: string,
  value: ArrayBuffer | Uint8Array,
): Promise<ValueRecord> {
  const bytes = new Uint8Array(value as ArrayBuffer);
  const file = join(folder, "values", key);
  await mkdir(dirname(file), { recursive: true });
  await writeWhole(file, bytes);
  return recordOf(key, bytes);
}

/** A value below a folder with its record, or null when it is not there or `check` throws. */
export async function recallValue<T>(
  folder: string,
  key: string,
  check: (value: ArrayBuffer) => T,
): Promise<{ record: ValueRecord; checked: T } | null> {
  const bytes = await readFile(join(folder, "values", key)).catch(() => null);
  if (bytes === null) return null;
  const own = new Uint8Array(bytes);
  try {
    return { checked: check(own.buffer), record: recordOf(key, own) };
  } catch {
    return null;
  }
}

/** What a manifest says of a value. */
export function recordOf(key: string, bytes: Uint8Array): ValueRecord {
  return { key, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** `catalogue`, `model/0`, `model/1`, … `l/0`, `l/1`, …: the order of writing must not show. */
export function inOrder(values: ValueRecord[]): ValueRecord[] {
  const kinds = ["catalogue", "model", "l"];
  const place = ({ key }: ValueRecord) => {
    const [kind, number = "0"] = key.split("/");
    return kinds.indexOf(kind!) * 1e9 + Number(number);
  };
  return values.sort((a, b) => place(a) - place(b));
}

/** `YYYYMMDD-HHMMSS-` and 8 hex digits of the values and the dataset. */
export function releaseId(
  values: readonly ValueRecord[],
  datasetHash: string,
  createdAt: string,
): string {
  const sha = createHash("sha256").update(datasetHash);
  for (const { key, sha256 } of values) sha.update(`\n${key} ${sha256}`);
  const [day, time] = createdAt.replaceAll(/[-:]/g, "").split(/[T.]/);
  return `${day}-${time}-${sha.digest("hex").slice(0, 8)}`;
}

async function clearLeftovers(directory: string, except: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(DRAFT_PREFIX) || name === except) continue;
    const owner = await readOwner(join(directory, name));
    if (owner !== null && isRunning(owner.pid)) continue;
    await rm(join(directory, name), { recursive: true, force: true });
  }
}

async function readOwner(draft: string): Promise<Owner | null> {
  const text = await readFile(join(draft, OWNER_FILE), "utf8").catch(() => null);
  return text === null ? null : (JSON.parse(text) as Owner);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, under another account.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
