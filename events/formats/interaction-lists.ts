import {
  bad,
  type ImportFormat,
  idsFault,
  type ParsedLine,
  type RawRating,
  type SourceFile,
} from "./format.ts";
import { moviesDat } from "./movielens-dat.ts";

const UNKNOWN_ITEM = "an item is no number, or not in item_list.txt";

/** The original id of each number that the lists use. */
type OriginalIds = Map<string, string>;

/**
 * Interaction lists, as graph recommendation papers publish their splits: lines `user item item …`
 * in `train.txt` and `test.txt`, without values or times. Users and items are renumbered there;
 * `user_list.txt` and `item_list.txt` give back their original ids (column 1), and without one of
 * them the numbers are the ids. `movies.dat` beside them gives titles.
 */
export const interactionLists: ImportFormat = {
  name: "interaction-lists",
  detect: (fileNames) => fileNames.includes("train.txt"),
  open() {
    const users: OriginalIds = new Map();
    const items: OriginalIds = new Map();
    return [
      idFile("user_list.txt", users),
      idFile("item_list.txt", items),
      moviesDat,
      listFile("train.txt", true, users, items),
      listFile("test.txt", false, users, items),
    ];
  },
};

function idFile(file: string, ids: OriginalIds): SourceFile {
  return {
    file,
    kind: "ids",
    encoding: "utf8",
    required: false,
    layout: "original-id number",
    parse(line) {
      // Publishers add columns of their own after the two.
      const [original, number] = line.trim().split(/\s+/);
      if (original === "org_id") return { ok: true };
      if (number === undefined || !/^\d+$/.test(number)) {
        return bad("the second column is not a number");
      }
      ids.set(number, original!);
      return { ok: true };
    },
  };
}

function listFile(
  file: string,
  required: boolean,
  users: OriginalIds,
  items: OriginalIds,
): SourceFile {
  return {
    file,
    kind: "ratings",
    encoding: "utf8",
    required,
    layout: "user item item …",
    parse: (line) => parseList(line, users, items),
  };
}

/** What of a list is good is taken; the rest is named. */
function parseList(line: string, users: OriginalIds, items: OriginalIds): ParsedLine {
  const [userNumber, ...itemNumbers] = line.trim().split(/\s+/);
  const userId = originalId(userNumber!, users);
  if (userId === null) return bad("the user is no number, or not in user_list.txt");
  const ratings: RawRating[] = [];
  let partly: string | undefined;
  for (const itemNumber of itemNumbers) {
    const itemId = originalId(itemNumber, items);
    const fault = itemId === null ? UNKNOWN_ITEM : idsFault(userId, itemId);
    if (itemId !== null && fault === null) {
      ratings.push({ userId, itemId, value: null, occurredAt: null });
    } else {
      partly ??= fault ?? UNKNOWN_ITEM;
    }
  }
  if (partly === undefined) return { ok: true, ratings };
  return ratings.length === 0 ? bad(partly) : { ok: true, ratings, partly };
}

function originalId(number: string, ids: OriginalIds): string | null {
  if (ids.size > 0) return ids.get(number) ?? null;
  return /^\d+$/.test(number) ? number : null;
}
