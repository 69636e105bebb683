import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { Command } from "commander";
import { courseStream } from "../events/formats/course-stream.ts";
import type { ImportFormat } from "../events/formats/format.ts";
import { IMPORT_FORMATS } from "../events/formats/formats.ts";
import { mappedFormat } from "../events/formats/mapping.ts";
import { UsherError } from "../release/error.ts";
import { isStreamFile } from "../trainer/import/find-format.ts";
import {
  type DirectoryReading,
  readDirectory,
  readStream,
} from "../trainer/import/read-directory.ts";

interface SourceOptions {
  readonly format?: string;
  /** File that says which column is which field. */
  readonly mapping?: string;
  readonly stdin?: boolean;
  /** Servers whose recommendations count, comma-separated. */
  readonly hosts?: string;
}

/** The part of the above that says how the files of a folder are read. */
export type FolderOptions = Pick<SourceOptions, "format" | "mapping">;

const STREAM = "course-stream";
const FORMAT_NAMES = [...IMPORT_FORMATS.map(({ name }) => name), STREAM];

/** Adds the options that say where events come from to a command. */
export function withSource(command: Command): Command {
  return withFolderFormat(command.argument("[place]", "folder or file that holds the events"))
    .option("--hosts <names>", "of a stream: servers whose recommendations count, comma-separated")
    .option("--stdin", "read standard input");
}

/** Adds the options that say how the files of a folder are read. */
export function withFolderFormat(command: Command): Command {
  return command
    .option("--format <name>", `format, where it is not detected: ${FORMAT_NAMES.join(", ")}`)
    .option("--mapping <file>", "JSON that says which column is which field (csv or ndjson)");
}

/**
 * Opens the folder that `--data` names.
 *
 * @throws UsherError those of `readDirectory`, and `MAPPING_INVALID`, before anything is read.
 */
export async function openFolder(dir: string, options: FolderOptions): Promise<DirectoryReading> {
  return readDirectory(dir, await formatOf(options, null));
}

/**
 * Opens what a command line names: a folder, one file, or standard input.
 *
 * @throws UsherError `IMPORT_SOURCE` when it cannot be told what to read, and those of reading.
 */
export async function openSource(
  place: string | undefined,
  options: SourceOptions,
): Promise<DirectoryReading> {
  if (options.stdin === true) {
    const format = await formatOf(options, "stdin");
    if (format === undefined)
      throw wrong("Standard input needs --format course-stream or --mapping FILE.");
    process.stdin.setEncoding("utf8");
    return readStream(process.stdin as AsyncIterable<string>, "stdin", format);
  }
  if (place === undefined)
    throw wrong("Name a folder or a file, or read standard input with --stdin.");
  const found = await stat(place).catch(() => null);
  if (found === null || found.isDirectory()) {
    return readDirectory(place, await formatOf(options, null));
  }
  const file = path.basename(place);
  const given = await formatOf(options, file);
  if (given !== undefined) return readDirectory(path.dirname(place), given);
  // A file of a folder's format is told by its neighbours: reading the folder says what to do.
  if (!(await isStreamFile(place))) return readDirectory(place);
  return readDirectory(path.dirname(place), streamOf(file, options.hosts));
}

async function formatOf(
  { format, mapping, hosts }: SourceOptions,
  onlyFile: string | null,
): Promise<ImportFormat | undefined> {
  if (mapping !== undefined && format !== undefined) {
    throw wrong("Give --format or --mapping, not both: a mapping is a format of its own.");
  }
  if (mapping !== undefined) {
    const text = await readFile(mapping, "utf8").catch((error: Error) => {
      throw wrong(`The mapping ${mapping} cannot be read: ${error.message}.`);
    });
    return mappedFormat(text, onlyFile);
  }
  if (format === undefined) return undefined;
  const named = IMPORT_FORMATS.find(({ name }) => name === format);
  if (named !== undefined) return named;
  if (format !== STREAM) {
    throw wrong(`--format is "${format}"; it takes ${FORMAT_NAMES.join(", ")}.`);
  }
  if (onlyFile === null) return undefined;
  return streamOf(onlyFile, hosts);
}

function streamOf(file: string, hosts: string | undefined): ImportFormat {
  return courseStream([file], hosts === undefined ? {} : { hosts: hosts.split(",") });
}

function wrong(message: string): UsherError {
  return new UsherError("IMPORT_SOURCE", message);
}
