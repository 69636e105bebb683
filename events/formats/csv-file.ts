import { splitCsvLine } from "./csv-line.ts";
import { bad, type ParsedLine, type SourceFile } from "./format.ts";

/** A row's fields by column name; trimmed, and undefined where empty or not there. */
export interface CsvRow {
  get(column: string): string | undefined;
  /** What other columns than these hold, by column. */
  others(known: readonly string[]): Record<string, string>;
}

interface CsvFile {
  readonly file: string;
  readonly kind: SourceFile["kind"];
  /** Columns that the header must have, in any order. */
  readonly needed: readonly string[];
  readonly read: (row: CsvRow) => ParsedLine;
}

/** A csv file whose header names its columns; those that nobody asks for are left alone. */
export function csvFile({ file, kind, needed, read }: CsvFile): SourceFile {
  let columns: readonly string[] = [];
  return {
    file,
    kind,
    encoding: "utf8",
    required: kind === "ratings",
    layout: needed.join(","),
    readHeader(line) {
      columns = (splitCsvLine(line) ?? []).map((column) => column.trim());
      const missing = needed.filter((column) => !columns.includes(column));
      return missing.length > 0 ? `it has no column ${missing.join(", ")}` : null;
    },
    parse(line) {
      const fields = splitCsvLine(line);
      if (fields === null) return bad("a quote is not closed, or stands inside an unquoted field");
      if (fields.length !== columns.length) {
        return bad("the line has not as many fields as the header");
      }
      return read(rowOf(columns, fields));
    },
  };
}

function rowOf(columns: readonly string[], fields: readonly string[]): CsvRow {
  const get = (column: string) => fields[columns.indexOf(column)]?.trim() || undefined;
  return {
    get,
    others(known) {
      const others = columns.filter((column) => !known.includes(column));
      const filled = others.map((column) => [column, get(column)] as const);
      return Object.fromEntries(filled.filter(([, value]) => value !== undefined)) as Record<
        string,
        string
      >;
    },
  };
}
