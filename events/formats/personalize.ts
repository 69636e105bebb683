import { MAX_AHEAD_MS } from "../instant.ts";
import { type CsvRow, csvFile } from "./csv-file.ts";
import { feedbackOf } from "./feedback-words.ts";
import {
  bad,
  type ImportFormat,
  idsFault,
  type ParsedLine,
  parseItemFields,
  type SourceFile,
} from "./format.ts";

const TITLES = ["TITLE", "NAME", "ITEM_NAME", "PRODUCT_NAME"];
const YEARS = ["YEAR", "RELEASE_YEAR"];
const CATEGORIES = ["GENRES", "GENRE", "CATEGORIES", "CATEGORY", "CATEGORY_L1", "CATEGORY_L2"];
const SECONDS = /^\d{1,11}$/;

/**
 * The files that Amazon Personalize imports from a bucket: `interactions.csv`, and `items.csv` and
 * `users.csv` beside it, whatever the case of their names. Columns are found by the reserved names of
 * its schemas, so that the schema files are not needed; all others become attributes.
 */
export const personalize: ImportFormat = {
  name: "personalize",
  detect: (fileNames) => named("interactions").some((file) => fileNames.includes(file)),
  open: (now) => [
    ...files("items", "items", ["ITEM_ID"], readItem),
    ...files("users", "users", ["USER_ID"], readUser),
    ...files("interactions", "ratings", ["USER_ID", "ITEM_ID", "TIMESTAMP"], (row) =>
      readInteraction(row, now),
    ),
  ],
};

function named(name: string): string[] {
  return [name, name[0]!.toUpperCase() + name.slice(1), name.toUpperCase()].map(
    (written) => `${written}.csv`,
  );
}

function files(
  name: string,
  kind: SourceFile["kind"],
  needed: readonly string[],
  read: (row: CsvRow) => ParsedLine,
): SourceFile[] {
  return named(name).map((file, spelling) => ({
    ...csvFile({ file, kind, needed, read }),
    required: kind === "ratings" && spelling === 0,
  }));
}

function readItem(row: CsvRow): ParsedLine {
  const first = (columns: readonly string[]) => columns.find((column) => row.get(column));
  const itemId = row.get("ITEM_ID") ?? "";
  const title = row.get(first(TITLES) ?? "") ?? itemId;
  const categories = CATEGORIES.flatMap((column) => row.get(column)?.split("|") ?? []);
  const filled = categories.map((name) => name.trim()).filter((name) => name !== "");
  const parsed = parseItemFields(itemId, title, [...new Set(filled)]);
  if (!parsed.ok || parsed.item === undefined) return parsed;
  const year = Number(row.get(first(YEARS) ?? "") ?? parsed.item.year ?? Number.NaN);
  const attributes = row.others(["ITEM_ID", ...TITLES, ...YEARS, ...CATEGORIES]);
  return {
    ok: true,
    item: {
      ...parsed.item,
      year: Number.isInteger(year) && year < 10_000 ? year : null,
      attributes,
    },
  };
}

function readUser(row: CsvRow): ParsedLine {
  const userId = row.get("USER_ID") ?? "";
  const fault = idsFault(userId, "any");
  if (fault !== null) return bad(fault);
  return { ok: true, user: { userId, attributes: row.others(["USER_ID"]) } };
}

function readInteraction(row: CsvRow, now: number): ParsedLine {
  const [userId, itemId] = [row.get("USER_ID") ?? "", row.get("ITEM_ID") ?? ""];
  const fault = idsFault(userId, itemId);
  if (fault !== null) return bad(fault);
  const feedback = feedbackOf(row.get("EVENT_TYPE") ?? "click", row.get("EVENT_VALUE"));
  if (typeof feedback === "string") return bad(feedback);
  const seconds = row.get("TIMESTAMP") ?? "";
  if (!SECONDS.test(seconds)) return bad("the TIMESTAMP is no whole number of seconds since 1970");
  const occurredAt = Number(seconds) * 1000;
  if (occurredAt > now + MAX_AHEAD_MS) return bad("the TIMESTAMP lies in the future");
  const items = shownItems(userId, row.get("IMPRESSION"));
  return {
    ok: true,
    ratings: [{ ...feedback, userId, itemId, occurredAt }],
    ...(items.length === 0 ? {} : { shown: { userId, servedAt: occurredAt, items } }),
  };
}

/** Ids of the items that stood beside the one that was chosen, in their order. */
function shownItems(userId: string, impression = ""): string[] {
  return impression.split("|").filter((itemId) => idsFault(userId, itemId) === null);
}
