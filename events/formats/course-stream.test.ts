import { describe, expect, test } from "vitest";
import { isStreamLine, StreamReader } from "./course-stream.ts";

const NOW = Date.UTC(2026, 0, 1);
const read = (line: string, hosts?: string[]) =>
  new StreamReader(() => NOW, hosts === undefined ? {} : { hosts }).read(line, 0);
const reasonOf = (line: string, hosts?: string[]) => {
  const parsed = read(line, hosts);
  return parsed.ok ? "good" : parsed.reason;
};
const SHOWN =
  "2025-10-17T01:33:45.122692921,227244,recommendation request HOST:8082, status 200, result: big+hero+6+2014, avatar+2009, 45 ms";

test("a rating", () => {
  expect(read("2022-09-28T17:20:44,65411,GET /rate/it+happened+in+saint-tropez+2013=3")).toEqual({
    ok: true,
    ratings: [
      {
        userId: "65411",
        itemId: "it+happened+in+saint-tropez+2013",
        value: 3,
        occurredAt: Date.UTC(2022, 8, 28, 17, 20, 44),
      },
    ],
  });
});

test("a minute watched comes as a play when the sitting has ended", () => {
  const reader = new StreamReader(() => NOW);
  const line = (minute: number) =>
    `2022-10-07T14:${10 + minute}:02,134392,GET /data/m/close+encounters+of+the+third+kind+1977/${minute}.mpg`;
  expect(reader.read(line(4), 0)).toEqual({ ok: true, ratings: [] });
  expect(reader.read(line(5), 1)).toEqual({ ok: true, ratings: [] });
  expect(reader.finish()).toMatchObject([
    { itemId: "close+encounters+of+the+third+kind+1977", type: "play", minutes: 5 },
  ]);
});

test("a recommendation is a list that was shown, where the server is ours", () => {
  const shown = {
    userId: "227244",
    servedAt: Date.UTC(2025, 9, 17, 1, 33, 45, 122),
    items: ["big+hero+6+2014", "avatar+2009"],
  };
  expect(read(SHOWN)).toEqual({ ok: true, shown });
  expect(read(SHOWN, ["HOST:8082"])).toEqual({ ok: true, shown });
  expect(reasonOf(SHOWN, ["other:80"])).toBe("the recommendation is another server's");
});

test("spaces around fields and inside an item, and decomposed letters, mean the same item", () => {
  const plain = read("2022-09-28T17:20:44,7,GET /rate/amélie+2001=5");
  expect(read(" 2022-09-28T17:20:44 , 7 , GET  /rate/ame\u0301lie 2001=5 ")).toEqual(plain);
});

describe("a dirty line says what is wrong with it", () => {
  test.each([
    ["2022-09-28T17:20:44,65411", "the line has not the fields time, user and request"],
    ["yesterday,65411,GET /rate/a=3", "the time is neither ISO 8601 nor epoch milliseconds"],
    ["2027-09-28T17:20:44,65411,GET /rate/a=3", "the time is more than 24 hours in the future"],
    ["2022-09-28T17:20:44,,GET /rate/a=3", "the user id is empty"],
    ["2022-09-28T17:20:44,7,GET /rate/=3", "the request is none of rate, data and recommendation"],
    ["2022-09-28T17:20:44,7,GET /rate/a=", "the rating is not 1, 2, 3, 4 or 5"],
    ["2022-09-28T17:20:44,7,GET /rate/a=3.5", "the rating is not 1, 2, 3, 4 or 5"],
    ["2022-09-28T17:20:44,7,GET /rate/a=6", "the rating is not 1, 2, 3, 4 or 5"],
    ["2022-09-28T17:20:44,7,GET /data/m/a/x.mpg", "the minute is not a number 0..1000"],
    ["2022-09-28T17:20:44,7,GET /data/m/a/9999.mpg", "the minute is not a number 0..1000"],
    [
      "2022-09-28T17:20:44,7,POST /rate/a=3",
      "the request is none of rate, data and recommendation",
    ],
    [SHOWN.replace("status 200", "status 500"), "the recommendation failed: its status is not 200"],
    [
      SHOWN.replace(", 45 ms", ""),
      "the recommendation has not the fields server, status, result, ms",
    ],
  ])("%s", (line, reason) => expect(reasonOf(line)).toBe(reason));
});

test("the lines of the stream are told from others", () => {
  expect(isStreamLine(SHOWN)).toBe(true);
  expect(isStreamLine("userId,movieId,rating,timestamp")).toBe(false);
  expect(isStreamLine("1,31,2.5,1260759144")).toBe(false);
});
