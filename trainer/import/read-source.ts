import type {
  ParsedLine,
  RawItem,
  RawRating,
  RawUser,
  ShownList,
  SourceFile,
} from "../../events/formats/format.ts";
import { UsherError } from "../../release/error.ts";
import { OWN_COLUMNS } from "./find-format.ts";
import type { LineBlock } from "./read-lines.ts";

/** A line that could not be taken in, or not wholly. */
export interface BadRow {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly raw: string;
  readonly reason: string;
}

/** What was read in one go. At most `BATCH_ROWS` of each kind. */
export interface ReadBatch {
  readonly file: string;
  readonly ratings: readonly RawRating[];
  readonly items: readonly RawItem[];
  readonly users: readonly RawUser[];
  readonly shown: readonly ShownList[];
  readonly bad: readonly BadRow[];
  /** Bytes of all files read so far. */
  readonly bytesRead: number;
}

/** Rows of a batch: large enough for the database to be busy with rows rather than statements. */
export const BATCH_ROWS = 5_000;
/** What is kept of a bad line, in characters. */
const RAW_LENGTH = 2_000;

/**
 * Reads one file in batches; the last one may be empty and tells the bytes.
 *
 * @param where what the source is called in messages.
 */
export async function* readSource(
  blocks: AsyncIterable<LineBlock>,
  where: string,
  source: SourceFile,
): AsyncGenerator<ReadBatch> {
  let awaitingHeader = source.readHeader !== undefined;
  let anyGood = false;
  let bytesRead = 0;
  let batch = new OpenBatch(source.file);
  for await (const block of blocks) {
    bytesRead = block.bytesRead;
    for (let i = 0; i < block.lines.length; i++) {
      const text = block.lines[i]!;
      const line = block.firstLine + i;
      if (awaitingHeader) {
        checkHeader(where, source, text);
        awaitingHeader = false;
        continue;
      }
      if (text.trim() === "") continue;
      const parsed = block.tooLong.has(line) ? TOO_LONG : source.parse(text);
      anyGood ||= parsed.ok;
      batch.add(line, text, parsed);
      if (!batch.full) continue;
      if (!anyGood && onlyLinesTell(source)) throw otherColumns(where, source, batch.bad[0]!);
      yield* batch.close(bytesRead);
      batch = new OpenBatch(source.file);
    }
  }
  if (awaitingHeader) checkHeader(where, source, "");
  const bad = batch.bad[0];
  if (!anyGood && bad !== undefined && onlyLinesTell(source)) {
    throw otherColumns(where, source, bad);
  }
  for (const rating of source.finish?.() ?? []) batch.ratings.push(rating);
  yield* batch.close(bytesRead);
}

/**
 * Whether a file without one good line is another file than we take it for. A header has told
 * already, and without titles one can still recommend.
 */
function onlyLinesTell(source: SourceFile): boolean {
  return source.readHeader === undefined && source.kind !== "items" && source.kind !== "users";
}

const TOO_LONG: ParsedLine = { ok: false, reason: "the line is longer than 16 MB" };

/** A batch that is being filled. */
class OpenBatch {
  readonly file: string;
  readonly ratings: RawRating[] = [];
  readonly items: RawItem[] = [];
  readonly users: RawUser[] = [];
  readonly shown: ShownList[] = [];
  readonly bad: BadRow[] = [];

  constructor(file: string) {
    this.file = file;
  }

  get full(): boolean {
    const { ratings, items, users, shown, bad } = this;
    const rows = [ratings, items, users, shown, bad].map(({ length }) => length);
    return Math.max(...rows) >= BATCH_ROWS;
  }

  add(line: number, text: string, parsed: ParsedLine): void {
    const reason = parsed.ok ? parsed.partly : parsed.reason;
    if (reason !== undefined) {
      this.bad.push({ file: this.file, line, raw: text.slice(0, RAW_LENGTH), reason });
    }
    if (!parsed.ok) return;
    if (parsed.item !== undefined) this.items.push(parsed.item);
    if (parsed.user !== undefined) this.users.push(parsed.user);
    if (parsed.shown !== undefined) this.shown.push(parsed.shown);
    for (const rating of parsed.ratings ?? []) this.ratings.push(rating);
  }

  /** One list of interactions may hold more ratings than a batch: they are cut into several. */
  *close(bytesRead: number): Generator<ReadBatch> {
    const { file, items, users, shown, bad } = this;
    const ratings = this.ratings.slice(0, BATCH_ROWS);
    yield { file, items, users, shown, bad, ratings, bytesRead };
    for (let from = BATCH_ROWS; from < this.ratings.length; from += BATCH_ROWS) {
      const ratings = this.ratings.slice(from, from + BATCH_ROWS);
      yield { file, items: [], users: [], shown: [], bad: [], ratings, bytesRead };
    }
  }
}

function checkHeader(where: string, source: SourceFile, line: string): void {
  const fault = source.readHeader?.(line) ?? null;
  if (fault === null) return;
  const first = line === "" ? "an empty line" : shown(line);
  throw new UsherError(
    "IMPORT_HEADER",
    `${where}:1: ${fault}. Looked for a header line with ${source.layout}; found ${first}. Put the header in front of the rows, or rename the columns. ${OWN_COLUMNS}`,
  );
}

function otherColumns(where: string, source: SourceFile, row: BadRow): UsherError {
  return new UsherError(
    "IMPORT_COLUMNS",
    `${where}: not one line so far could be read. Looked for lines like "${source.layout}"; found, in line ${row.line}, ${shown(row.raw)}: ${row.reason}. Check that the file is what its name says.`,
  );
}

/** The beginning of a line, fit for a terminal whatever the file holds. */
function shown(line: string): string {
  const text = `"${line.slice(0, 100).replace(/\p{Cc}/gu, "\ufffd")}"`;
  return /[\0\ufffd]/.test(line) ? `${text}, which is no text in UTF-8` : text;
}
