import { readInstant } from "../instant.ts";
import { type CsvRow, csvFile } from "./csv-file.ts";
import { feedbackOf } from "./feedback-words.ts";
import {
  bad,
  type ImportFormat,
  idsFault,
  type ParsedLine,
  parseItemFields,
  type RawRating,
} from "./format.ts";

/** The year that Go writes where there is no time. */
const NO_TIME = "0001-";
/** What is left of a long description as a title, in characters. */
const TITLE_LENGTH = 200;

/**
 * What Gorse's dashboard exports: `feedback.csv`, and `items.csv` and `users.csv` beside it. A
 * description is the title, as Gorse itself shows it; labels are kept as attributes.
 */
export const gorse: ImportFormat = {
  name: "gorse",
  detect: (fileNames) => fileNames.includes("feedback.csv"),
  open: (now) => [
    csvFile({ file: "items.csv", kind: "items", needed: ["item_id"], read: readItem }),
    csvFile({ file: "users.csv", kind: "users", needed: ["user_id"], read: readUser }),
    csvFile({
      file: "feedback.csv",
      kind: "ratings",
      needed: ["feedback_type", "user_id", "item_id", "time_stamp"],
      read: (row) => readFeedback(row, now),
    }),
  ],
};

function readItem(row: CsvRow): ParsedLine {
  const itemId = row.get("item_id") ?? "";
  const title = (row.get("description") ?? row.get("comment") ?? itemId).slice(0, TITLE_LENGTH);
  const categories = (row.get("categories") ?? "").split("|").filter((name) => name !== "");
  const parsed = parseItemFields(itemId, title, categories);
  if (!parsed.ok || parsed.item === undefined) return parsed;
  const known = ["item_id", "description", "comment", "categories", "time_stamp"];
  return { ok: true, item: { ...parsed.item, attributes: row.others(known) } };
}

function readUser(row: CsvRow): ParsedLine {
  const userId = row.get("user_id") ?? "";
  const fault = idsFault(userId, "any");
  if (fault !== null) return bad(fault);
  return { ok: true, user: { userId, attributes: row.others(["user_id"]) } };
}

function readFeedback(row: CsvRow, now: number): ParsedLine {
  const [userId, itemId] = [row.get("user_id") ?? "", row.get("item_id") ?? ""];
  const fault = idsFault(userId, itemId);
  if (fault !== null) return bad(fault);
  const word = row.get("feedback_type");
  if (word === undefined) return bad("the feedback type is empty");
  const feedback = feedbackOf(word, row.get("value"));
  if (typeof feedback === "string") return bad(feedback);
  const written = row.get("time_stamp") ?? "";
  if (written.startsWith(NO_TIME)) return good({ ...feedback, userId, itemId, occurredAt: null });
  // Go writes 2024-01-02 03:04:05.678 +0000 UTC: without the zone's name it is ISO 8601.
  const instant = readInstant(written.replace(/ ([+-]\d{4}) .*$/, "$1"), now);
  if (!instant.ok) return bad(`the time stamp ${instant.fault}`);
  return good({ ...feedback, userId, itemId, occurredAt: instant.ms });
}

function good(rating: RawRating): ParsedLine {
  return { ok: true, ratings: [rating] };
}
