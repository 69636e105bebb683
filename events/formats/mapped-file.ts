import { validateEvent } from "../event.ts";
import { splitCsvLine } from "./csv-line.ts";
import { bad, idsFault, type ParsedLine, parseItemFields, type SourceFile } from "./format.ts";
import type { MappedSource } from "./mapping.ts";

/** A row's fields as texts by column; what is empty or not there is undefined. */
type Row = (column: string) => string | undefined;

/** Times as milliseconds before March 1973 are seconds that were taken for them. 0 is unknown. */
const EARLIEST_MS = 1e11;

/** One file as a mapping describes it: CSV with a header, or one JSON object a line. */
export function mappedFile(source: MappedSource, file: string, now: number): SourceFile {
  const columns = [...Object.values(source.fields), ...source.attributes];
  const rows =
    source.format === "csv" ? csvRows(source, columns) : ndjsonRows(Object.values(source.fields));
  return {
    file,
    kind: source.kind === "events" ? "ratings" : source.kind,
    encoding: "utf8",
    required: source.kind === "events",
    layout:
      source.format === "csv" ? columns.join(source.delimiter) : `{"${columns.join('", "')}"}`,
    ...(rows.readHeader === undefined ? {} : { readHeader: rows.readHeader }),
    parse(line) {
      const row = rows.read(line);
      return typeof row === "string" ? bad(row) : readRow(source, row, now);
    },
  };
}

interface Rows {
  readonly readHeader?: (line: string) => string | null;
  /** The row, or what is wrong with the line. */
  read(line: string): Row | string;
}

function csvRows({ delimiter }: MappedSource, needed: readonly string[]): Rows {
  let header: readonly string[] = [];
  return {
    readHeader(line) {
      header = (splitCsvLine(line, delimiter) ?? []).map((column) => column.trim());
      const missing = needed.filter((column) => !header.includes(column));
      return missing.length > 0 ? `it has no column ${missing.join(", ")}` : null;
    },
    read(line) {
      const fields = splitCsvLine(line, delimiter);
      if (fields === null) return "a quote is not closed, or stands inside an unquoted field";
      if (fields.length !== header.length) return "the line has not as many fields as the header";
      return (column) => filled(fields[header.indexOf(column)]);
    },
  };
}

function ndjsonRows(columns: readonly string[]): Rows {
  return {
    read(line) {
      const object = parseObject(line);
      if (object === null) return "the line is not a JSON object";
      const inexact = columns.find(
        (column) => Object.hasOwn(object, column) && isInexact(object[column]),
      );
      if (inexact !== undefined) {
        return `${inexact}: it is an object, or a whole number too large to be exact; write it as a string`;
      }
      return (column) => {
        const value = Object.hasOwn(object, column) ? object[column] : undefined;
        if (Array.isArray(value)) return filled(value.join("|"));
        return value === null || value === undefined ? undefined : filled(String(value));
      };
    },
  };
}

function parseObject(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** What would become the same text as something else: two ids would be one. */
function isInexact(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value) && !Number.isSafeInteger(value);
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function filled(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === "" ? undefined : trimmed;
}

function readRow(source: MappedSource, row: Row, now: number): ParsedLine {
  const field = (name: string) => {
    const column = Object.hasOwn(source.fields, name) ? source.fields[name] : undefined;
    return column === undefined ? undefined : row(column);
  };
  if (source.kind === "items") return readItem(source, field, row);
  if (source.kind === "users") return readUser(source, field("userId") ?? "", row);
  return readEvent(source, field, now);
}

function readItem(source: MappedSource, field: Row, row: Row): ParsedLine {
  const separator = source.format === "ndjson" ? "|" : source.separator;
  const categories = (field("categories") ?? "").split(separator).map((name) => name.trim());
  const named = categories.filter((name) => name !== "");
  const parsed = parseItemFields(field("itemId") ?? "", field("title") ?? "", named);
  if (!parsed.ok || parsed.item === undefined) return parsed;
  const year = Number(field("year") ?? parsed.item.year ?? Number.NaN);
  return {
    ok: true,
    item: {
      ...parsed.item,
      year: Number.isInteger(year) && year > 0 && year < 10_000 ? year : null,
      attributes: attributesOf(source, row),
    },
  };
}

function readUser(source: MappedSource, userId: string, row: Row): ParsedLine {
  const fault = idsFault(userId, "any");
  return fault === null
    ? { ok: true, user: { userId, attributes: attributesOf(source, row) } }
    : bad(fault);
}

function attributesOf(source: MappedSource, row: Row): Record<string, string> {
  const present = source.attributes.map((column) => [column, row(column)] as const);
  return Object.fromEntries(present.filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
}

/** A row becomes an event by the very checks that an event of the API goes through. */
function readEvent(source: MappedSource, field: Row, now: number): ParsedLine {
  const word = field("type");
  const value = scaled(field("value"), source.scale);
  const known = word === undefined ? source.type : (source.types[word] ?? word);
  const occurredAt = timeOf(field("occurredAt"), source.time);
  if (source.time === "milliseconds" && isBefore(occurredAt, EARLIEST_MS)) {
    return bad('occurredAt: it seems to count seconds; say "time": "seconds" in the mapping');
  }
  const verdict = validateEvent(
    {
      eventId: field("eventId"),
      userId: field("userId") ?? "",
      itemId: field("itemId") ?? "",
      type: known ?? (value === undefined ? "view" : "rate"),
      value,
      minutes: numeric(field("minutes")),
      share: numeric(field("share")),
      occurredAt: occurredAt ?? 0,
    },
    now,
  );
  if (!verdict.ok) return bad(withoutValue(verdict.reason));
  const { requestId: _, ...event } = verdict.event;
  return { ok: true, ratings: [event] };
}

function isBefore(time: number | string | undefined, ms: number): boolean {
  return typeof time === "number" && time > 0 && time < ms;
}

function numeric(text: string | undefined): number | string | undefined {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function scaled(
  text: string | undefined,
  scale: MappedSource["scale"],
): number | string | undefined {
  const value = numeric(text);
  if (scale === undefined || typeof value !== "number") return value;
  return 0.5 + ((value - scale.lowest) / (scale.highest - scale.lowest)) * 4.5;
}

function timeOf(text: string | undefined, time: MappedSource["time"]): number | string | undefined {
  if (time === "iso" || text === undefined) return text;
  const value = numeric(text);
  return typeof value === "number" && time === "seconds" ? value * 1000 : value;
}

/** Reasons that differ only in the value shown count together: the raw line is kept beside them. */
function withoutValue(reason: string): string {
  return reason.replace(/^(\w+): ("(?:[^"\\]|\\.)*…?"?|-?[\d.]+) /, "$1: ");
}
