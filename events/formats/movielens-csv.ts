import { splitCsvLine } from "./csv-line.ts";
import {
  bad,
  type ImportFormat,
  type ParsedLine,
  parseItemFields,
  parseRatingFields,
  type SourceFile,
  splitGenres,
} from "./format.ts";

/**
 * MovieLens as csv with header (ml-latest, ml-latest-small, 20M, 25M, 32M): `ratings.csv` and, for
 * titles, `movies.csv`. Columns are found by name; `timestamp` may be missing.
 */
export const movielensCsv: ImportFormat = {
  name: "movielens-csv",
  detect: (fileNames) => fileNames.includes("ratings.csv"),
  open: (now) => [
    csvFile("movies.csv", "items", ["movieId", "title", "genres"], [], ([id, title, genres]) =>
      parseItemFields(id!, title!, splitGenres(genres!)),
    ),
    csvFile(
      "ratings.csv",
      "ratings",
      ["userId", "movieId", "rating"],
      ["timestamp"],
      ([user, movie, rating, seconds]) =>
        parseRatingFields(user!, movie!, rating!, seconds ?? null, now),
    ),
  ],
};

/** A csv file whose header says where each needed column stands; other columns are left alone. */
function csvFile(
  file: string,
  kind: "ratings" | "items",
  needed: readonly string[],
  optional: readonly string[],
  read: (fields: (string | undefined)[]) => ParsedLine,
): SourceFile {
  const layout = [...needed, ...optional].join(",");
  let positions: readonly number[] = [];
  let width = 0;
  return {
    file,
    kind,
    encoding: "utf8",
    required: kind === "ratings",
    layout,
    readHeader(line) {
      const columns = (splitCsvLine(line) ?? []).map((column) => column.trim());
      const missing = needed.filter((column) => !columns.includes(column));
      if (missing.length > 0) return `it has no column ${missing.join(", ")}`;
      positions = [...needed, ...optional].map((column) => columns.indexOf(column));
      width = columns.length;
      return null;
    },
    parse(line) {
      const fields = splitCsvLine(line);
      if (fields === null) return bad("a quote is not closed, or stands inside an unquoted field");
      if (fields.length !== width) return bad("the line has not as many fields as the header");
      return read(positions.map((position) => (position < 0 ? undefined : fields[position])));
    },
  };
}
