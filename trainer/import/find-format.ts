import { readdir, stat } from "node:fs/promises";
import path from "node:path";
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

/**
 * Finds out what a folder holds.
 *
 * @param now epoch ms; a rating more than 24 h after it is a bad row.
 * @throws UsherError `IMPORT_FOLDER_MISSING`, `IMPORT_FOLDER_EMPTY`, `IMPORT_FORMAT_UNKNOWN`.
 */
export async function findFormat(dir: string, now: number): Promise<FoundFormat> {
  const { files: names, folders } = await listFolder(dir);
  if (names.length + folders.length === 0) {
    throw new UsherError("IMPORT_FOLDER_EMPTY", `${dir} is empty. ${whatToGive()}`);
  }
  const format = IMPORT_FORMATS.find((candidate) => candidate.detect(names));
  if (format === undefined) throw await unknownFormat(dir, names, folders);
  const files = format.open(now).filter((source) => names.includes(source.file));
  const sizes = await Promise.all(files.map(({ file }) => stat(path.join(dir, file))));
  return { format, files, bytes: sizes.reduce((sum, { size }) => sum + size, 0) };
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
    const message = `${dir} is a file. Give the folder that holds it: ${path.dirname(dir)}`;
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
  const inside = await folderInside(dir, folders);
  const advice =
    inside === null
      ? whatToGive()
      : `Did you mean the folder inside it, ${path.join(dir, inside)}?`;
  return new UsherError(
    "IMPORT_FORMAT_UNKNOWN",
    `${dir} holds no ratings in a known format. Looked for ${lookedFor()}. Found ${found.slice(0, NAMES_SHOWN).join(", ")}${more}. ${advice}`,
  );
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
  return `Give a folder that holds one of: ${lookedFor()}.`;
}
