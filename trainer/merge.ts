/** Joining the parts of a release that several machines have made. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UsherError } from "../release/error.ts";
import type { ValueRecord } from "../release/manifest.ts";
import { cardPage } from "./card/page.ts";
import type { ListsShare } from "./lists.ts";
import type { ListsJob } from "./lists-job.ts";
import type { ListsPlan } from "./lists-plan.ts";
import { type FilesBeside, ReleaseDraft, type WrittenRelease } from "./release.ts";

/** `part.json`: written last, so that a part without it is not finished. */
export interface PartFile {
  format: 1;
  /** Of the job: equal for parts of one release, and for no others. */
  key: string;
  share: ListsShare;
  createdAt: string;
  facts: ListsJob["facts"];
  card: ListsJob["card"];
  plan: ListsPlan;
  /** Users who have a list in this part. */
  users: number;
  values: ValueRecord[];
}

/** The directory name of a part. */
export function partName({ part, of }: ListsShare, key: string): string {
  return `part-${part}-of-${of}-${key.slice(0, 16)}`;
}

/**
 * Joins parts into a release directory below `directory`: the same bytes as from a run that was not
 * split.
 *
 * Throws `PART_MISSING` when a part is absent, given twice or unfinished, `PARTS_DIFFER` when they are
 * not of one release, `PART_DAMAGED` when a value is not what its machine wrote.
 */
export async function mergeParts(
  paths: readonly string[],
  directory: string,
): Promise<WrittenRelease> {
  const parts = await Promise.all(paths.map(readPart));
  const first = parts[0]?.file;
  if (first === undefined) throw new UsherError("PART_MISSING", "Name the parts to merge.");
  requireOneRelease(parts);
  requireEveryPart(parts);
  const draft = await ReleaseDraft.open(directory, first.key, new Date(first.createdAt));
  try {
    for (const { path, file } of parts) {
      for (const record of file.values) await draft.put(record.key, await readValue(path, record));
    }
    const users = parts.reduce((sum, { file }) => sum + file.users, 0);
    return await draft.finish({ ...first.facts, lists: { ...first.plan, users } }, cardOf(first));
  } catch (error) {
    await draft.abandon();
    throw error;
  }
}

/** The model card's two files, once the release has its name. */
export function cardOf({ card }: Pick<ListsJob, "card">): FilesBeside | undefined {
  if (card === undefined) return undefined;
  return async ({ release, createdAt }) => {
    const { format, ...rest } = card;
    const named = { format, release, createdAt, ...rest };
    return {
      "card.json": `${JSON.stringify(named, null, 2)}\n`,
      "card.html": await cardPage(named),
    };
  };
}

interface Part {
  path: string;
  file: PartFile;
}

async function readPart(path: string): Promise<Part> {
  const text = await readFile(join(path, "part.json"), "utf8").catch((cause: unknown) => {
    throw new UsherError(
      "PART_MISSING",
      `${path} holds no finished part. Run "usher lists" for it again: it goes on where it ended.`,
      { cause },
    );
  });
  return { path, file: parsePart(path, text) };
}

function parsePart(path: string, text: string): PartFile {
  try {
    return JSON.parse(text) as PartFile;
  } catch (cause) {
    throw damaged(join(path, "part.json"), cause);
  }
}

function requireOneRelease(parts: readonly Part[]): void {
  const [first] = parts;
  const other = parts.find(
    ({ file }) => file.key !== first!.file.key || file.share.of !== first!.file.share.of,
  );
  if (other === undefined) return;
  throw new UsherError(
    "PARTS_DIFFER",
    `${first!.path} and ${other.path} are not parts of one release: their model, dataset or number ` +
      "of parts differs.",
  );
}

function requireEveryPart(parts: readonly Part[]): void {
  const { of } = parts[0]!.file.share;
  const given = parts.map(({ file }) => file.share.part);
  const missing = Array.from({ length: of }, (_, at) => at + 1).filter(
    (part) => !given.includes(part),
  );
  if (missing.length === 0 && given.length === of) return;
  const what =
    missing.length > 0
      ? `Of ${of} parts there is no ${missing.join(", ")}`
      : "A part is there twice";
  throw new UsherError("PART_MISSING", `${what}. Name each part's directory once.`);
}

async function readValue(path: string, { key, bytes, sha256 }: ValueRecord): Promise<Uint8Array> {
  const file = join(path, "values", key);
  const value = await readFile(file).catch(() => new Uint8Array());
  const digest = createHash("sha256").update(value).digest("hex");
  if (value.length === bytes && digest === sha256) return value;
  throw damaged(file);
}

function damaged(file: string, cause?: unknown): UsherError {
  return new UsherError(
    "PART_DAMAGED",
    `${file} is not what the machine that made it wrote. Copy the part again.`,
    { cause },
  );
}
