import { describe, expect, test } from "vitest";
import type { ParsedLine } from "./format.ts";
import { mappedFormat } from "./mapping.ts";

const NOW = Date.UTC(2026, 0, 1);

function reader(mapping: unknown, header?: string): (line: string) => ParsedLine {
  const [source] = mappedFormat(JSON.stringify(mapping), "data").open(NOW);
  if (header !== undefined) expect(source!.readHeader?.(header)).toBeNull();
  return source!.parse;
}

const shop = {
  delimiter: ";",
  fields: { userId: "customer", itemId: "sku", type: "action", value: "stars", occurredAt: "at" },
  types: { bought: "play", like: "rate" },
  scale: { lowest: 1, highest: 10 },
  time: "seconds",
};

describe("csv", () => {
  const read = reader(shop, "at;sku;customer;action;stars");

  test("a shop's words and scale become ours", () => {
    expect(read("1700000000;A-1;ada;like;10")).toMatchObject({
      ok: true,
      ratings: [
        { userId: "ada", itemId: "A-1", type: "rate", value: 5, occurredAt: 1_700_000_000_000 },
      ],
    });
    expect(read("1700000000;A-1;ada;bought;")).toMatchObject({
      ratings: [{ type: "play", value: null }],
    });
  });

  test("a bad row is named by our fields, without its values", () => {
    const reasonOf = (line: string) => {
      const parsed = read(line);
      return parsed.ok ? "good" : parsed.reason;
    };
    expect(reasonOf("1700000000;A-1;ada;like;11")).toBe("value: is outside 0.5..5");
    expect(reasonOf("1700000000;A-1;ada;stole;")).toContain("type: is none of rate");
    expect(reasonOf("1700000000;A-1;;like;3")).toContain("userId: is empty");
    expect(reasonOf("soon;A-1;ada;like;3")).toContain("is neither ISO 8601 nor epoch milliseconds");
    expect(reasonOf("1;A-1;ada")).toBe("the line has not as many fields as the header");
  });

  test("a file without a needed column is refused by its header", () => {
    const [source] = mappedFormat(JSON.stringify(shop), "data").open(NOW);
    expect(source!.readHeader?.("at;sku;customer")).toBe("it has no column action, stars");
  });
});

test("ndjson: events with ids of their own, whatever else stands in the objects", () => {
  const fields = { eventId: "id", userId: "u", itemId: "i", share: "part" };
  const read = reader({ format: "ndjson", type: "play", fields });
  expect(read('{"id":"e1","u":7,"i":"x","part":0.5,"__proto__":{"u":1}}')).toMatchObject({
    ratings: [{ eventId: "e1", userId: "7", itemId: "x", type: "play", share: 0.5, occurredAt: 0 }],
  });
  expect(read("[1]")).toEqual({ ok: false, reason: "the line is not a JSON object" });
});

test("ndjson: two ids never become one by the way they are written", () => {
  const fields = { userId: "u", itemId: "i" };
  const read = reader({ format: "ndjson", type: "view", fields });
  const reason = expect.stringContaining("u: it is an object, or a whole number too large");
  expect(read('{"u":12345678901234567890,"i":"x"}')).toEqual({ ok: false, reason });
  expect(read('{"u":{"id":7},"i":"x"}')).toEqual({ ok: false, reason });
  expect(read('{"u":"12345678901234567890","i":9007199254740991}')).toMatchObject({
    ratings: [{ userId: "12345678901234567890", itemId: "9007199254740991" }],
  });
});

test("seconds that a mapping takes for milliseconds are no events of 1970", () => {
  const fields = { userId: "u", itemId: "i", occurredAt: "t" };
  const read = reader({ time: "milliseconds", type: "view", fields }, "u,i,t");
  const reason = expect.stringContaining('say "time": "seconds"');
  expect(read("ada,1,1700000000")).toEqual({ ok: false, reason });
  expect(read("ada,1,1700000000000")).toMatchObject({ ratings: [{ occurredAt: 1.7e12 }] });
  expect(read("ada,1,0")).toMatchObject({ ratings: [{ occurredAt: 0 }] });
});

test("items and users with attributes", () => {
  const items = reader(
    {
      kind: "items",
      fields: { itemId: "id", title: "name", categories: "tags" },
      attributes: ["lang"],
    },
    "id,name,tags,lang",
  );
  expect(items('7,"Heat (1995)",Crime|Drama,en')).toEqual({
    ok: true,
    item: {
      itemId: "7",
      title: "Heat (1995)",
      categories: ["Crime", "Drama"],
      year: 1995,
      attributes: { lang: "en" },
    },
  });
  const users = reader({ kind: "users", fields: { userId: "id" }, attributes: ["age"] }, "id,age");
  expect(users("ada,36")).toEqual({ ok: true, user: { userId: "ada", attributes: { age: "36" } } });
});

test.each([
  ["1995", 1995],
  ["9999", 9999],
  ["0", null],
  ["-44", null],
  ["1995.5", null],
  ["unknown", null],
])("the year %s of an item is %s", (text, year) => {
  const fields = { itemId: "id", title: "name", year: "year" };
  const read = reader({ kind: "items", fields }, "id,name,year");
  expect(read(`7,Heat,${text}`)).toMatchObject({ ok: true, item: { year } });
});

test("a folder's files are read in an order that describes before it tells", () => {
  const sources = [
    { file: "events.csv", type: "view", fields: { userId: "u", itemId: "i" } },
    { file: "films.csv", kind: "items", fields: { itemId: "i", title: "t" } },
  ];
  const format = mappedFormat(JSON.stringify({ sources }), null);
  expect(format.open(NOW).map(({ file }) => file)).toEqual(["films.csv", "events.csv"]);
  expect(format.detect(["events.csv"])).toBe(false);
});

test.each([
  ["{", "it is not JSON"],
  ['{"fields":{"userId":"u"}}', "fields: itemId missing"],
  ['{"fields":{"userId":"u","itemId":"i","value":"v","stars":"s"}}', "fields: stars unknown"],
  ['{"fields":{"userId":"u","itemId":"i"}}', "type: is missing"],
  ['{"fields":{},"column":"x"}', "column: is no member of a mapping"],
  ['{"fields":{},"delimiter":"tab"}', "delimiter: it is one character"],
  ['{"fields":{},"scale":{"lowest":1,"highest":1}}', "scale: lowest and highest are the same"],
  ['{"fields":{},"scale":{"lowest":1}}', "scale.highest: is missing"],
  ["null", "is null, and no JSON object"],
  ['{"sources":[]}', "sources"],
])("a mapping that is not one says why: %s", (text, reason) => {
  expect(() => mappedFormat(text, "data")).toThrow(reason);
});
