import { describe, expect, test } from "vitest";
import { eventOfRating, type ImportFormat, type ParsedLine } from "./format.ts";
import { interactionLists } from "./interaction-lists.ts";
import { movielens100k } from "./movielens-100k.ts";
import { movielensCsv } from "./movielens-csv.ts";
import { movielensDat } from "./movielens-dat.ts";

const NOW = Date.UTC(2026, 0, 1);

/** A reader of one file's lines; its header, where it has one, is read first. */
function reader(format: ImportFormat, file: string, header?: string): (line: string) => ParsedLine {
  const source = format.open(NOW).find((candidate) => candidate.file === file)!;
  if (header !== undefined) expect(source.readHeader?.(header)).toBeNull();
  return source.parse;
}

const rated = (userId: string, itemId: string, value: number, seconds: number | null) => ({
  ok: true,
  ratings: [{ userId, itemId, value, occurredAt: seconds === null ? null : seconds * 1000 }],
});
const described = (itemId: string, title: string, year: number | null, categories: string[]) => ({
  ok: true,
  item: { itemId, title, year, categories },
});
const reasonOf = (parsed: ParsedLine) => (parsed.ok ? "good" : parsed.reason);

describe("MovieLens csv", () => {
  const header = "userId,movieId,rating,timestamp";

  test("reads a rating, plain or quoted", () => {
    const read = reader(movielensCsv, "ratings.csv", header);
    expect(read("1,31,2.5,1260759144")).toEqual(rated("1", "31", 2.5, 1_260_759_144));
    expect(read('"a,b","31","5","7"')).toEqual(rated("a,b", "31", 5, 7));
  });

  test("finds columns by name, with others between them and without times", () => {
    const read = reader(movielensCsv, "ratings.csv", "rating, note ,movieId,userId");
    expect(read("3,so so,31,1")).toEqual(rated("1", "31", 3, null));
  });

  test("says which column a header lacks", () => {
    const source = movielensCsv.open(NOW).find(({ file }) => file === "ratings.csv")!;
    expect(source.readHeader?.("user,item,stars")).toBe("it has no column userId, movieId, rating");
    expect(source.readHeader?.("1,31,2.5,1260759144")).toContain("it has no column");
    expect(source.readHeader?.("")).toContain("it has no column");
  });

  test.each([
    ["1,31,11,7", "the rating is outside 0.5..5"],
    ["1,31,0,7", "the rating is outside 0.5..5"],
    ["1,31,,7", "the rating is not a number"],
    ["1,31,-1,7", "the rating is not a number"],
    ["1,31,0x4,7", "the rating is not a number"],
    ["1,31,4,soon", "the timestamp is not a number of seconds since 1970"],
    ["1,31,4,", "the timestamp is not a number of seconds since 1970"],
    ["1,31,4,1260759144000", "the timestamp lies in the future (it counts seconds since 1970)"],
    ["1,31,4", "the line has not as many fields as the header"],
    ["1,31,4,7,8", "the line has not as many fields as the header"],
    [",31,4,7", "the user id is empty"],
    ["1,,4,7", "the item id is empty"],
    ["\u0000,31,4,7", "the user id holds a control character"],
    ["\ufffd,31,4,7", "the user id is not valid UTF-8"],
    ['1,"31,4,7', "a quote is not closed, or stands inside an unquoted field"],
  ])("refuses %o", (line, reason) => {
    expect(reasonOf(reader(movielensCsv, "ratings.csv", header)(line))).toBe(reason);
  });

  test("reads titles whole, with the year and the genres", () => {
    const read = reader(movielensCsv, "movies.csv", "movieId,title,genres");
    expect(read("1,Toy Story (1995),Adventure|Comedy")).toEqual(
      described("1", "Toy Story (1995)", 1995, ["Adventure", "Comedy"]),
    );
    expect(read('7,"11\'09""01, or (2002) ",(no genres listed)')).toEqual(
      described("7", "11'09\"01, or (2002)", 2002, []),
    );
    expect(read("8,Fargo (2014–2020),Crime")).toMatchObject({ item: { year: 2014 } });
    expect(read("9,Solaris,Sci-Fi")).toMatchObject({ item: { year: null } });
    expect(reasonOf(read("9, ,Sci-Fi"))).toBe("the title is empty");
  });
});

test("MovieLens 1M and 10M: fields are separated by two colons, which a title may hold", () => {
  const readRating = reader(movielensDat, "ratings.dat");
  expect(readRating("1::1193::5::978300760")).toEqual(rated("1", "1193", 5, 978_300_760));
  expect(reasonOf(readRating("1::1193::5"))).toBe("the line has not 4 fields separated by ::");
  const readMovie = reader(movielensDat, "movies.dat");
  expect(readMovie("1::Face::Off (1997)::Action|Crime")).toEqual(
    described("1", "Face::Off (1997)", 1997, ["Action", "Crime"]),
  );
  expect(reasonOf(readMovie("1::Toy Story"))).toBe("the line has not 3 fields separated by ::");
});

test("MovieLens 100K: tabs between ratings, flags for genres", () => {
  const readRating = reader(movielens100k, "u.data");
  expect(readRating("196\t242\t3\t881250949")).toEqual(rated("196", "242", 3, 881_250_949));
  expect(reasonOf(readRating("196 242 3 881250949"))).toContain("separated by tabs");
  const readItem = reader(movielens100k, "u.item");
  const flags = "0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0";
  expect(readItem(`1|Toy Story (1995)|01-Jan-1995||http://x|${flags}`)).toEqual(
    described("1", "Toy Story (1995)", 1995, ["Animation", "Children's", "Comedy"]),
  );
  expect(readItem("267|unknown||||1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0")).toEqual(
    described("267", "unknown", null, []),
  );
});

describe("interaction lists", () => {
  function opened() {
    const files = interactionLists.open(NOW);
    return (file: string) => files.find((source) => source.file === file)!.parse;
  }
  const interaction = (userId: string, itemId: string) => ({
    userId,
    itemId,
    value: null,
    occurredAt: null,
  });

  test("numbers are mapped back to the original ids", () => {
    const parse = opened();
    parse("user_list.txt")("org_id remap_id");
    parse("user_list.txt")("anna\t0");
    parse("item_list.txt")("1193\t0 extra");
    parse("item_list.txt")("661 1");
    expect(parse("train.txt")("0 1 0 ")).toEqual({
      ok: true,
      ratings: [interaction("anna", "661"), interaction("anna", "1193")],
    });
  });

  test("without lists the numbers are the ids, and text is no list", () => {
    const parse = opened()("train.txt");
    expect(parse("7 8")).toEqual({ ok: true, ratings: [interaction("7", "8")] });
    expect(reasonOf(parse("hello world"))).toContain("the user is no number");
  });

  test("the good part of a line is taken, and the line is named", () => {
    const parse = opened();
    parse("item_list.txt")("661 1");
    expect(parse("train.txt")("7 1 99")).toEqual({
      ok: true,
      ratings: [interaction("7", "661")],
      partly: "an item is no number, or not in item_list.txt",
    });
    expect(parse("train.txt")("7 99").ok).toBe(false);
  });

  test("two readings do not share their lists", () => {
    opened()("user_list.txt")("anna\t0");
    expect(opened()("train.txt")("0 1")).toMatchObject({ ratings: [{ userId: "0" }] });
  });
});

test("a rating becomes a rate event, an interaction a view of unknown time", () => {
  const ids = { userId: "1", itemId: "31" };
  expect(eventOfRating({ ...ids, value: 4, occurredAt: 7000 })).toMatchObject({
    ...ids,
    type: "rate",
    value: 4,
    occurredAt: 7000,
  });
  expect(eventOfRating({ ...ids, value: null, occurredAt: null })).toMatchObject({
    type: "view",
    value: null,
    occurredAt: 0,
  });
});
