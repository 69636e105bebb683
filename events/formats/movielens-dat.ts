import {
  bad,
  type ImportFormat,
  type ParsedLine,
  parseItemFields,
  parseRatingFields,
  type SourceFile,
  splitGenres,
} from "./format.ts";

const SEPARATOR = "::";

/** Titles as the 1M and 10M sets have them, `MovieID::Title::Genres` in latin1. */
export const moviesDat: SourceFile = {
  file: "movies.dat",
  kind: "items",
  encoding: "latin1",
  required: false,
  layout: "MovieID::Title::Genres",
  parse: parseMovie,
};

/**
 * MovieLens 1M and 10M: `ratings.dat` and, for titles, `movies.dat`. What `users.dat` says about
 * people (age, sex, occupation) is not read: nothing here needs it.
 */
export const movielensDat: ImportFormat = {
  name: "movielens-dat",
  detect: (fileNames) => fileNames.includes("ratings.dat"),
  open: (now) => [
    moviesDat,
    {
      file: "ratings.dat",
      kind: "ratings",
      encoding: "latin1",
      required: true,
      layout: "UserID::MovieID::Rating::Timestamp",
      parse(line) {
        const fields = line.split(SEPARATOR);
        if (fields.length !== 4) return bad("the line has not 4 fields separated by ::");
        const [user, movie, rating, seconds] = fields as [string, string, string, string];
        return parseRatingFields(user, movie, rating, seconds, now);
      },
    },
  ],
};

/** Id before the first separator, genres after the last: a title may hold one itself. */
function parseMovie(line: string): ParsedLine {
  const first = line.indexOf(SEPARATOR);
  const last = line.lastIndexOf(SEPARATOR);
  if (last <= first) return bad("the line has not 3 fields separated by ::");
  const title = line.slice(first + SEPARATOR.length, last);
  return parseItemFields(
    line.slice(0, first),
    title,
    splitGenres(line.slice(last + SEPARATOR.length)),
  );
}
