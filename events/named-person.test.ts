import fc from "fast-check";
import { expect, test } from "vitest";
import { isRowAbout, letterWithout, personFinder } from "./named-person.ts";

const stream = "import:course-stream/movielog.txt";

test.each([
  [stream, "2025-01-01T00:00:00,42,GET /rate/heat+1995=9", true],
  [stream, "42,GET /rate/heat+1995=9", true],
  ["kafka:movielog/0@7", "yesterday, 42 ,GET /rate/heat+1995=3", true],
  [stream, "2025-01-01T00:00:00,7,GET /rate/42=9", false],
  [stream, "2025-01-01T00:00:00,423,GET /rate/heat+1995=9", false],
  ["import:movielens-csv/ratings.csv", "42,1,9.5,1260759144", true],
  ["import:movielens-csv/ratings.csv", "7,42,9.5,1260759144", false],
  ["import:movielens-dat/ratings.dat", "42::1::9::1260759144", true],
  ["import:mapped/log.csv", 'x;"ann lee";7', true],
  ["import:mapped/log.ndjson", '{"customer":42,"sku":"a"}', true],
  ["import:mapped/log.ndjson", '{"customer":421,"sku":"a"}', false],
  ["queue:m1", '{"userId":"42","itemId":"1"}', true],
  ["queue:m1", '{"userId":42}', true],
  ["queue:m1", '{"userId":"7","itemId":"42"}', false],
  ["queue:m1", '{"userId":"\\u0034\\u0032"}', true],
  ["queue:m1", '{"userId":"42","itemId":"cut o', true],
])("of %s, %s names the user: %s", (source, raw, about) => {
  const userId = raw.includes("ann") ? "ann lee" : "42";
  expect(isRowAbout(source, raw, userId)).toBe(about);
});

test("a letter loses the events of one user and keeps the others for a redrive", () => {
  const event = (userId: string) => ({ userId, itemId: "42" });
  const body = JSON.stringify({ v: 9, events: [event("42"), event("7"), event("42")] });
  const { body: left, removed } = letterWithout(body, "42");
  expect(removed).toBe(2);
  expect(JSON.parse(left!)).toEqual({ v: 9, events: [event("7")] });
});

test("a letter about one user alone goes whole, one about others stays as it is", () => {
  expect(letterWithout('{"events":[{"userId":"42"}]}', "42").body).toBeNull();
  expect(letterWithout('{"to":{"userId":"42"},"events":[]}', "42").body).toBeNull();
  expect(letterWithout("broken 42", "42").body).toBeNull();
  for (const body of ['{"events":[{"userId":"7"}]}', '{"v":42}', "broken 420", "null", "[]"]) {
    expect(letterWithout(body, "42")).toEqual({ body, removed: 0 });
  }
});

test("a letter nested deeper than calls can be is read too", () => {
  const deep = `${'{"a":'.repeat(20_000)}{"userId":"42"}${"}".repeat(20_000)}`;
  expect(letterWithout(`{"events":[${deep}]}`, "42").body).toBeNull();
});

test("one of the needles stands in whatever form JSON gives an id", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (userId) => {
      const ascii = JSON.stringify({ userId }).replace(
        /[^ -~]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
      );
      for (const raw of [ascii, JSON.stringify({ userId }), `7,${userId},x`]) {
        expect(personFinder(userId).needles.some((needle) => raw.includes(needle))).toBe(true);
      }
      expect(isRowAbout("queue:m1", ascii, userId)).toBe(true);
    }),
  );
});

test("whatever else a letter holds, no event that names the user is left in it", () => {
  const user = fc.constantFrom("1", "ada", "ünï", "a b", '"');
  const letters = fc.array(fc.record({ userId: user, more: fc.jsonValue() }));
  fc.assert(
    fc.property(letters, user, (events, erased) => {
      const { body } = letterWithout(JSON.stringify({ v: 1, events }), erased);
      const left: { userId: string }[] = body === null ? [] : JSON.parse(body).events;
      expect(left.every(({ userId }) => userId !== erased)).toBe(true);
      expect(letterWithout(body ?? "{}", erased).removed).toBe(0);
    }),
  );
});
