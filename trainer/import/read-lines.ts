import { createReadStream } from "node:fs";
import { UsherError } from "../../release/error.ts";

/** Some lines of a file in order; `firstLine` is the number of the first, from 1. */
export interface LineBlock {
  readonly firstLine: number;
  /** Without their line ends. One that was too long is cut to 2,000 characters: see `tooLong`. */
  readonly lines: readonly string[];
  /** Numbers of the lines that were too long to be read whole. */
  readonly tooLong: ReadonlySet<number>;
  /** Bytes of the file read so far. */
  readonly bytesRead: number;
}

const CHUNK_BYTES = 256 * 1024;
/** Longer than any record: a user with a million interactions on one line. */
const LONGEST_LINE = 16 * 1024 * 1024;
const CUT_LENGTH = 2_000;

/**
 * Reads a text file in blocks of lines, in constant memory. Line ends are LF or CRLF; a byte order
 * mark in front is left away. `longest` bounds what a file without line ends takes.
 *
 * @throws UsherError `IMPORT_UNREADABLE` when the system refuses to read the file.
 */
export async function* readLines(
  path: string,
  encoding: "utf8" | "latin1",
  longest = LONGEST_LINE,
): AsyncGenerator<LineBlock> {
  const stream = createReadStream(path, { encoding, highWaterMark: CHUNK_BYTES });
  const chunks = readable(stream as AsyncIterable<string>, path);
  for await (const block of linesOf(chunks, longest)) {
    yield { ...block, bytesRead: stream.bytesRead };
  }
}

/** The lines of a text that comes in chunks; `bytesRead` counts its characters. */
export async function* linesOf(
  chunks: AsyncIterable<string>,
  longest = LONGEST_LINE,
): AsyncGenerator<LineBlock> {
  let firstLine = 1;
  let rest = "";
  let cut = false;
  let first = true;
  let bytesRead = 0;
  for await (const chunk of chunks) {
    const text = first && chunk.startsWith("\ufeff") ? chunk.slice(1) : chunk;
    first = false;
    bytesRead += chunk.length;
    const lines = text.split("\n");
    const tooLong = new Set<number>();
    if (cut && lines.length > 1) tooLong.add(firstLine);
    lines[0] = cut ? rest : rest + lines[0];
    if (lines.length > 1) cut = false;
    rest = lines.pop()!;
    if (rest.length > longest) {
      cut = true;
      rest = rest.slice(0, CUT_LENGTH);
    }
    yield { firstLine, lines: lines.map(withoutReturn), tooLong, bytesRead };
    firstLine += lines.length;
  }
  if (rest === "") return;
  const tooLong = new Set(cut ? [firstLine] : []);
  yield { firstLine, lines: [withoutReturn(rest)], tooLong, bytesRead };
}

async function* readable(stream: AsyncIterable<string>, path: string): AsyncGenerator<string> {
  try {
    yield* stream;
  } catch (cause) {
    const message = `${path} cannot be read: ${(cause as Error).message}.`;
    throw new UsherError("IMPORT_UNREADABLE", message, { cause });
  }
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
