import {
  bad,
  type ImportFormat,
  type ParsedLine,
  parseItemFields,
  parseRatingFields,
} from "./format.ts";

/** The set's own order of genre flags in u.item, the first being "unknown". */
const GENRES =
  "Action|Adventure|Animation|Children's|Comedy|Crime|Documentary|Drama|Fantasy|Film-Noir|Horror|Musical|Mystery|Romance|Sci-Fi|Thriller|War|Western".split(
    "|",
  );
const FIELDS_BEFORE_FLAGS = 5;
const UNKNOWN_FLAG = 1;

/** MovieLens 100K: tab-separated `u.data` and, for titles, `u.item` with its 19 genre flags. */
export const movielens100k: ImportFormat = {
  name: "movielens-100k",
  detect: (fileNames) => fileNames.includes("u.data"),
  open: (now) => [
    {
      file: "u.item",
      kind: "items",
      encoding: "latin1",
      required: false,
      layout: "id|title|release date|video release date|URL|19 genre flags",
      parse: parseItem,
    },
    {
      file: "u.data",
      kind: "ratings",
      encoding: "latin1",
      required: true,
      layout: "user id TAB item id TAB rating TAB timestamp",
      parse(line) {
        const fields = line.split("\t");
        if (fields.length !== 4) return bad("the line has not 4 fields separated by tabs");
        const [user, item, rating, seconds] = fields as [string, string, string, string];
        return parseRatingFields(user, item, rating, seconds, now);
      },
    },
  ],
};

function parseItem(line: string): ParsedLine {
  const fields = line.split("|");
  if (fields.length !== FIELDS_BEFORE_FLAGS + UNKNOWN_FLAG + GENRES.length) {
    return bad("the line has not 24 fields separated by bars");
  }
  const flags = fields.slice(FIELDS_BEFORE_FLAGS + UNKNOWN_FLAG);
  const genres = GENRES.filter((_, index) => flags[index] === "1");
  return parseItemFields(fields[0]!, fields[1]!, genres);
}
