import * as v from "valibot";
import { UsherError } from "../../release/error.ts";
import { EVENT_TYPES, reasonOf } from "../event.ts";
import type { ImportFormat } from "./format.ts";
import { mappedFile } from "./mapped-file.ts";

const column = v.pipe(v.string(), v.minLength(1));

const delimiter = v.pipe(v.string(), v.length(1, 'it is one character; a tab is "\\t"'));

const scale = v.pipe(
  v.strictObject({ lowest: v.number(), highest: v.number() }, memberFault),
  v.check(({ lowest, highest }) => lowest !== highest, "lowest and highest are the same"),
);

const mappedSource = v.strictObject(
  {
    /** File name in the folder; not needed where one file or standard input is read. */
    file: v.optional(column),
    kind: v.optional(v.picklist(["events", "items", "users"]), "events"),
    format: v.optional(v.picklist(["csv", "ndjson"]), "csv"),
    delimiter: v.optional(delimiter, ","),
    /** Our field names to the file's columns, or to the members of its objects. */
    fields: v.record(v.string(), column),
    /** The type of every row, where no column has it. */
    type: v.optional(v.picklist(EVENT_TYPES)),
    /** The file's words for types. */
    types: v.optional(v.record(v.string(), v.picklist(EVENT_TYPES)), {}),
    /** What a value's range is in the file; it is mapped linearly onto 0.5..5. */
    scale: v.optional(scale),
    /** How times are written. */
    time: v.optional(v.picklist(["iso", "seconds", "milliseconds"]), "iso"),
    /** What stands between several categories in one field. */
    separator: v.optional(column, "|"),
    /** Columns kept as attributes of items or users. */
    attributes: v.optional(v.array(column), []),
  },
  memberFault,
);

/** How one file's columns are read. */
export type MappedSource = v.InferOutput<typeof mappedSource>;

const mapping = v.union([
  v.strictObject({ sources: v.pipe(v.array(mappedSource), v.minLength(1)) }, memberFault),
  mappedSource,
]);

/** Fields that each kind of file may have, and those it must. */
const FIELDS = {
  events: {
    needed: ["userId", "itemId"],
    optional: ["eventId", "type", "value", "minutes", "share", "occurredAt"],
  },
  items: { needed: ["itemId", "title"], optional: ["categories", "year"] },
  users: { needed: ["userId"], optional: [] },
} as const;

/**
 * The format that a mapping file describes: which column is which field.
 *
 * @param text JSON of the mapping.
 * @param onlyFile the one file that is read, whatever it is called; null for a folder.
 * @throws UsherError `MAPPING_INVALID` naming the member that is not as it should be.
 */
export function mappedFormat(text: string, onlyFile: string | null): ImportFormat {
  const sources = parseMapping(text);
  if (onlyFile !== null && sources.length > 1) {
    throw invalid(`it names ${sources.length} files; give the folder that holds them`);
  }
  const files = sources.map((source) => onlyFile ?? source.file ?? null);
  if (files.includes(null)) throw invalid("sources need a file each, to be found in the folder");
  // Items and users before the events about them.
  const order = ["items", "users", "events"];
  const read = sources
    .map((source, index) => ({ source, file: files[index]! }))
    .sort((a, b) => order.indexOf(a.source.kind) - order.indexOf(b.source.kind));
  return {
    name: "mapped",
    detect: (fileNames) => read.every(({ file }) => fileNames.includes(file)),
    open: (now) => read.map(({ source, file }) => mappedFile(source, file, now)),
  };
}

function parseMapping(text: string): readonly MappedSource[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalid(`it is not JSON (${(error as Error).message})`);
  }
  const schema =
    typeof json === "object" && json !== null && "sources" in json ? mapping : mappedSource;
  const parsed = v.safeParse(schema, json);
  if (!parsed.success) throw invalid(reasonOf(parsed.issues[0]));
  const sources = "sources" in parsed.output ? parsed.output.sources : [parsed.output];
  for (const source of sources) checkFields(source);
  return sources;
}

function checkFields({ kind, fields, type, format }: MappedSource): void {
  const { needed, optional } = FIELDS[kind];
  const missing = needed.filter((field) => !Object.hasOwn(fields, field));
  if (missing.length > 0)
    throw invalid(`fields: ${missing.join(", ")} missing, for ${kind} in ${format}`);
  const known: readonly string[] = [...needed, ...optional];
  const unknown = Object.keys(fields).filter((field) => !known.includes(field));
  if (unknown.length > 0) {
    throw invalid(`fields: ${unknown.join(", ")} unknown; ${kind} have ${known.join(", ")}`);
  }
  const untyped = kind === "events" && type === undefined && !("type" in fields);
  if (untyped && !("value" in fields)) throw invalid("type: is missing, and no field gives it");
}

function memberFault({ expected, received }: v.StrictObjectIssue): string {
  if (expected === "never") return "is no member of a mapping";
  return expected === "Object" ? `is ${received}, and no JSON object` : "is missing";
}

function invalid(what: string): UsherError {
  return new UsherError(
    "MAPPING_INVALID",
    `The mapping file is not one: ${what}. See docs/events.md.`,
  );
}
