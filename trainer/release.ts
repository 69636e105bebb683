/**
 * The release directory: `<directory>/<release>/manifest.json` and `values/<key>` for every value,
 * with the model card beside the manifest.
 *
 * It is written into a temporary sibling and renamed when complete: a directory with a release's
 * name is always whole. What a killed run left behind goes away when the next one starts.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UsherError } from "../release/error.ts";
import { type Manifest, parseManifest } from "../release/manifest.ts";

/** What the caller knows; name, values and format are the writer's. */
export type ManifestFacts = Omit<Manifest, "format" | "release" | "createdAt" | "values">;

export interface WrittenRelease {
  release: string;
  /** Absolute or relative as `directory` was given. */
  path: string;
  manifest: Manifest;
}

const DRAFT = /^\.draft-(\d+)-[0-9a-f]+$/;

/** A release in the making. End it with `finish` or `abandon`. */
export class ReleaseDraft {
  readonly #directory: string;
  readonly #path: string;
  readonly #values: Manifest["values"] = [];

  private constructor(directory: string) {
    this.#directory = directory;
    this.#path = join(directory, `.draft-${process.pid}-${randomBytes(4).toString("hex")}`);
  }

  /** Opens a draft in `directory`, made if need be, after clearing the drafts of dead processes. */
  static async open(directory: string): Promise<ReleaseDraft> {
    await mkdir(directory, { recursive: true });
    await clearLeftovers(directory);
    const draft = new ReleaseDraft(directory);
    await mkdir(join(draft.#path, "values"), { recursive: true });
    return draft;
  }

  /** Writes one value; `key` is relative to the release (`catalogue`, `model/0`, `l/17`). */
  async put(key: string, value: ArrayBuffer | Uint8Array): Promise<void> {
    const bytes = new Uint8Array(value as ArrayBuffer);
    const file = join(this.#path, "values", key);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    this.#values.push({ key, bytes: bytes.length, sha256 });
  }

  /**
   * Writes the manifest last and gives the directory its name:
   * `YYYYMMDD-HHMMSS-` and 8 hex digits of the content (all values and the dataset).
   *
   * Throws `RELEASE_EXISTS` when the same content was written within the same second.
   *
   * @param beside files to stand beside the manifest, by name; they are not pushed
   */
  async finish(
    facts: ManifestFacts,
    now: Date,
    beside?: (manifest: Manifest) => Promise<Record<string, string>>,
  ): Promise<WrittenRelease> {
    const release = releaseId(this.#values, facts.dataset.hash, now);
    const path = join(this.#directory, release);
    const manifest = parseManifest(
      JSON.stringify({
        format: 1,
        release,
        createdAt: now.toISOString(),
        ...facts,
        values: this.#values,
      }),
    );
    await writeFile(join(this.#path, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    for (const [name, text] of Object.entries((await beside?.(manifest)) ?? {})) {
      await writeFile(join(this.#path, name), text);
    }
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

  /** Removes the draft. */
  async abandon(): Promise<void> {
    await rm(this.#path, { recursive: true, force: true });
  }
}

function releaseId(values: Manifest["values"], datasetHash: string, now: Date): string {
  const sha = createHash("sha256").update(datasetHash);
  for (const { key, sha256 } of values) sha.update(`\n${key} ${sha256}`);
  const [day, time] = now.toISOString().replaceAll(/[-:]/g, "").split(/[T.]/);
  return `${day}-${time}-${sha.digest("hex").slice(0, 8)}`;
}

async function clearLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const pid = DRAFT.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) {
      await rm(join(directory, name), { recursive: true, force: true });
    }
  }
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
