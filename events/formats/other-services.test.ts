/** What other recommenders export, dirty rows included. */
import { describe, expect, test } from "vitest";
import { feedbackOf } from "./feedback-words.ts";
import type { ImportFormat, ParsedLine } from "./format.ts";
import { gorse } from "./gorse.ts";
import { personalize } from "./personalize.ts";

const NOW = Date.UTC(2026, 0, 1);

function reader(format: ImportFormat, file: string, header: string): (line: string) => ParsedLine {
  const source = format.open(NOW).find((candidate) => candidate.file === file)!;
  expect(source.readHeader?.(header)).toBeNull();
  return source.parse;
}

const reasonOf = (parsed: ParsedLine) => (parsed.ok ? "good" : parsed.reason);

describe("words for feedback", () => {
  test.each([
    ["Like", undefined, { type: "rate", value: 5 }],
    ["thumbs_down", undefined, { type: "rate", value: 1 }],
    ["Watch", undefined, { type: "play", value: null }],
    ["Purchase", "99.90", { type: "play", value: null }],
    ["add-to-cart", undefined, { type: "click", value: null }],
    ["rating", "4.5", { type: "rate", value: 4.5 }],
    ["something of their own", undefined, { type: "view", value: null }],
    ["constructor", undefined, { type: "view", value: null }],
  ])("%s %s", (word, value, event) => {
    expect(feedbackOf(word, value)).toEqual(event);
  });

  test.each([undefined, "", "0", "10", "good"])("a rating of %s is no rating", (value) => {
    expect(feedbackOf("rating", value)).toContain("outside 0.5..5");
  });
});

describe("Gorse", () => {
  const header = "feedback_type,user_id,item_id,time_stamp";
  const read = reader(gorse, "feedback.csv", header);

  test("feedback with the times that Go writes, and without any", () => {
    expect(read("star,bob,vuejs:vue,2020-06-02 03:04:05.678901 +0000 UTC")).toEqual({
      ok: true,
      ratings: [
        {
          ...{ userId: "bob", itemId: "vuejs:vue", type: "rate", value: 5 },
          occurredAt: Date.UTC(2020, 5, 2, 3, 4, 5, 678),
        },
      ],
    });
    expect(read('read,"a,b",x,2020-06-02 03:04:05 +0800 CST')).toMatchObject({
      ratings: [{ userId: "a,b", type: "play", occurredAt: Date.UTC(2020, 5, 1, 19, 4, 5) }],
    });
    expect(read("star,bob,x,2020-06-02T03:04:05Z")).toMatchObject({ ok: true });
    expect(read("star,bob,x,0001-01-01 00:00:00 +0000 UTC")).toMatchObject({
      ratings: [{ occurredAt: null }],
    });
  });

  test("a value counts where the export has one", () => {
    const withValue = reader(gorse, "feedback.csv", `${header},value`);
    expect(withValue("rating,bob,x,2020-06-02T03:04:05Z,3.5")).toMatchObject({
      ratings: [{ type: "rate", value: 3.5 }],
    });
    expect(reasonOf(withValue("rating,bob,x,2020-06-02T03:04:05Z,9"))).toContain("0.5..5");
  });

  test.each([
    ["star,,x,2020-06-02T03:04:05Z", "the user id is empty"],
    ["star,bob,,2020-06-02T03:04:05Z", "the item id is empty"],
    [",bob,x,2020-06-02T03:04:05Z", "the feedback type is empty"],
    ["star,bob,x,yesterday", "the time stamp is neither ISO 8601 nor epoch milliseconds"],
    ["star,bob,x,2020-02-31 03:04:05 +0000 UTC", "the time stamp is neither"],
    ["star,bob,x,2030-01-01T00:00:00Z", "the time stamp is more than 24 hours in the future"],
    ["star,bob,x", "the line has not as many fields as the header"],
    ['star,"bob,x,2020-06-02T03:04:05Z', "a quote is not closed"],
  ])("a bad row says why: %s", (line, reason) => {
    expect(reasonOf(read(line))).toContain(reason);
  });

  test("items with categories, a description as title, labels as attributes", () => {
    const items = "item_id,is_hidden,categories,time_stamp,labels,description";
    const line = '1,true,a|b,2020-01-01 00:00:00 +0000 UTC,"{""tags"":[""x""]}","Heat (1995)"';
    expect(reader(gorse, "items.csv", items)(line)).toEqual({
      ok: true,
      item: {
        ...{ itemId: "1", title: "Heat (1995)", year: 1995, categories: ["a", "b"] },
        attributes: { is_hidden: "true", labels: '{"tags":["x"]}' },
      },
    });
    expect(reader(gorse, "items.csv", items)("2,false,,,,")).toMatchObject({
      item: { title: "2", categories: [], attributes: { is_hidden: "false" } },
    });
  });

  test("users keep their labels", () => {
    const line = 'bob,"{""company"":""gorse""}"';
    expect(reader(gorse, "users.csv", "user_id,labels")(line)).toEqual({
      ok: true,
      user: { userId: "bob", attributes: { labels: '{"company":"gorse"}' } },
    });
  });
});

describe("Amazon Personalize", () => {
  const read = reader(
    personalize,
    "Interactions.csv",
    "USER_ID,ITEM_ID,EVENT_TYPE,EVENT_VALUE,TIMESTAMP,IMPRESSION",
  );

  test("a price is no rating, a rating is, and what was shown is kept", () => {
    expect(read("196,242,Purchase,15,881250949,73|70|17")).toEqual({
      ok: true,
      shown: { userId: "196", servedAt: 881_250_949_000, items: ["73", "70", "17"] },
      ratings: [
        ...[{ userId: "196", itemId: "242", type: "play", value: null, occurredAt: 881250949000 }],
      ],
    });
    expect(read("196,242,rating,4,881250949,")).toMatchObject({
      ratings: [{ type: "rate", value: 4 }],
    });
  });

  test("the three columns that must be are enough, in any order", () => {
    const least = reader(personalize, "interactions.csv", "TIMESTAMP,ITEM_ID,USER_ID");
    expect(least("881250949,242,196")).toMatchObject({ ratings: [{ type: "click" }] });
    const source = personalize.open(NOW).find(({ file }) => file === "interactions.csv")!;
    expect(source.readHeader?.("user,item,time")).toBe(
      "it has no column USER_ID, ITEM_ID, TIMESTAMP",
    );
  });

  test.each([
    ["196,242,click,,881250949000,", "the TIMESTAMP is no whole number of seconds"],
    ["196,242,click,,,", "the TIMESTAMP is no whole number of seconds"],
    ["196,242,click,,99999999999,", "the TIMESTAMP lies in the future"],
    [",242,click,,881250949,", "the user id is empty"],
    ["196,242,rating,100,881250949,", "the rating is outside 0.5..5"],
  ])("a bad row says why: %s", (line, reason) => {
    expect(reasonOf(read(line))).toContain(reason);
  });

  test("items by the reserved names, the rest as attributes", () => {
    const items = "ITEM_ID,TITLE,GENRES,CATEGORY_L1,YEAR,PRICE,CREATION_TIMESTAMP";
    expect(reader(personalize, "Items.csv", items)("7,Heat,Crime|Drama,Drama,1995,9.5,")).toEqual({
      ok: true,
      item: {
        ...{ itemId: "7", title: "Heat", year: 1995, categories: ["Crime", "Drama"] },
        attributes: { PRICE: "9.5" },
      },
    });
    expect(reader(personalize, "items.csv", "ITEM_ID,PRICE")("7,")).toMatchObject({
      item: { title: "7", categories: [], year: null, attributes: {} },
    });
  });

  test("folders are told apart by their files", () => {
    expect(personalize.detect(["INTERACTIONS.csv"])).toBe(true);
    expect(personalize.detect(["ratings.csv", "items.csv"])).toBe(false);
    expect(gorse.detect(["feedback.csv", "items.csv"])).toBe(true);
  });
});
