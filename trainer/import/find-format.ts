import { open, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { courseStream, isStreamLine } from "../../events/formats/course-stream.ts";
import type { ImportFormat, SourceFile } from "../../events/formats/format.ts";
import { IMPORT_FORMATS } from "../../events/formats/formats.ts";
import { UsherError } from "../../release/error.ts";

/** A folder whose format is known, with the files that will be read, in order. */
export interface FoundFormat {
  readonly format: ImportFormat;
  readonly files: readonly SourceFile[];
  /** Bytes of all these files together. */
  readonly bytes: number;
}

const NAMES_SHOWN = 12;
/** What to do with files that are nobody's format. */
export const OWN_COLUMNS =
  "For files of your own, --mapping FILE says which column is which (docs/events.md).";
const PACKED = /\.(gz|zip|zst|bz2|xz|7z|tar|tgz)$/i;

/**
 * Finds out what a folder holds.
 *
 * @param now epoch ms; a rating more than 24 h after it is a bad row.
 * @param given its format, where that is known.
 * @throws UsherError `IMPORT_FOLDER_MISSING`, `IMPORT_FOLDER_EMPTY`, `IMPORT_FORMAT_UNKNOWN`,
 *   `IMPORT_FILE_MISSING` for a file that the format given needs.
 */
export async function findFormat(
  dir: string,
  now: number,
  given?: ImportFormat | undefined,
): Promise<FoundFormat> {
  const { files: names, folders } = await listFolder(dir);
  if (names.length + folders.length === 0) {
    throw new UsherError("IMPORT_FOLDER_EMPTY", `${dir} is empty. ${whatToGive()}`);
  }
  const known = given ?? IMPORT_FORMATS.find((candidate) => candidate.detect(names));
  const format = known ?? (await findStream(dir, names));
  if (format === null) throw await unknownFormat(dir, names, folders);
  if (!format.detect(names)) throw missingFiles(dir, format, now);
  const files = format.open(now).filter((source) => names.includes(source.file));
  const sizes = await Promise.all(files.map(({ file }) => stat(path.join(dir, file))));
  return { format, files, bytes: sizes.reduce((sum, { size }) => sum + size, 0) };
}

const FIRST_BYTES = 16_384;
/** Lines of a file that are looked at, and how many of them must be of a stream: some are dirty. */
const LINES_LOOKED_AT = 20;
const SHARE_OF_STREAM = 0.5;

/** An event stream has no file name of its own: its lines tell it. */
async function findStream(dir: string, names: readonly string[]): Promise<ImportFormat | null> {
  const files: string[] = [];
  for (const name of [...names].sort()) {
    if (await isStreamFile(path.join(dir, name))) files.push(name);
  }
  return files.length === 0 ? null : courseStream(files);
}

/** Whether a file holds an event stream, by its first lines. */
export async function isStreamFile(file: string): Promise<boolean> {
  const lines = await firstLines(file);
  return lines.length > 0 && lines.filter(isStreamLine).length >= lines.length * SHARE_OF_STREAM;
}

async function firstLines(file: string): Promise<string[]> {
  const handle = await open(file, "r").catch(() => null);
  if (handle === null) return [];
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(FIRST_BYTES), 0, FIRST_BYTES, 0);
    const lines = buffer.toString("utf8", 0, bytesRead).split("\n");
    // The last line may have been cut.
    if (bytesRead === FIRST_BYTES) lines.pop();
    return lines.filter((line) => line.trim() !== "").slice(0, LINES_LOOKED_AT);
  } finally {
    await handle.close();
  }
}

function missingFiles(dir: string, format: ImportFormat, now: number): UsherError {
  const needed = format.open(now).map(({ file }) => file);
  return new UsherError(
    "IMPORT_FILE_MISSING",
    `${dir} does not hold what ${format.name} needs: ${needed.join(", ")}.`,
  );
}

async function listFolder(dir: string): Promise<{ files: string[]; folders: string[] }> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    return {
      // A link counts as the file that it most likely leads to.
      files: entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name),
      folders: entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name),
    };
  } catch (cause) {
    throw unreadable(dir, cause as NodeJS.ErrnoException);
  }
}

function unreadable(dir: string, cause: NodeJS.ErrnoException): UsherError {
  if (cause.code === "ENOENT") {
    const message = `There is no folder ${path.resolve(dir)}. ${whatToGive()}`;
    return new UsherError("IMPORT_FOLDER_MISSING", message, { cause });
  }
  if (cause.code === "ENOTDIR") {
    const message = `${dir} is a file. Give the folder that holds it: ${path.dirname(dir)}. ${OWN_COLUMNS}`;
    return new UsherError("IMPORT_FOLDER_MISSING", message, { cause });
  }
  const message = `${dir} cannot be read (${cause.code ?? cause.message}). Check its permissions.`;
  return new UsherError("IMPORT_FOLDER_MISSING", message, { cause });
}

async function unknownFormat(
  dir: string,
  names: readonly string[],
  folders: readonly string[],
): Promise<UsherError> {
  const found = [...names, ...folders.map((folder) => `${folder}/`)].sort();
  const more = found.length > NAMES_SHOWN ? ` and ${found.length - NAMES_SHOWN} more` : "";
  return new UsherError(
    "IMPORT_FORMAT_UNKNOWN",
    `${dir} holds no ratings in a known format. Looked for ${lookedFor()}. Found ${found.slice(0, NAMES_SHOWN).join(", ")}${more}. ${await adviceFor(dir, names, folders)}`,
  );
}

async function adviceFor(
  dir: string,
  names: readonly string[],
  folders: readonly string[],
): Promise<string> {
  const inside = await folderInside(dir, folders);
  if (inside !== null) return `Did you mean the folder inside it, ${path.join(dir, inside)}?`;
  const packed = names.find((name) => PACKED.test(name));
  return packed === undefined ? OWN_COLUMNS : `${packed} is packed: unpack it first.`;
}

/** An archive often unpacks into a folder of its own inside the one that was meant. */
async function folderInside(dir: string, folders: readonly string[]): Promise<string | null> {
  for (const folder of folders.slice(0, NAMES_SHOWN)) {
    const names = await readdir(path.join(dir, folder)).catch(() => []);
    if (IMPORT_FORMATS.some((format) => format.detect(names))) return folder;
  }
  return null;
}

function lookedFor(): string {
  return IMPORT_FORMATS.map((format) => {
    const ratings = format.open(0).filter((source) => source.required);
    return ratings.map(({ file, layout }) => `${file} (${format.name}: ${layout})`).join(" with ");
  }).join("; ");
}

function whatToGive(): string {
  return `Give a folder that holds one of: ${lookedFor()}. ${OWN_COLUMNS}`;
}
