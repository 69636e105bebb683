import { expect, test } from "vitest";
import { ago, dollars, percent, size } from "./quantities.ts";

const NOW = new Date("2026-03-04T12:00:00Z");

test.each([
  ["2026-03-04T11:59:31Z", "just now"],
  ["2026-03-04T11:57:00Z", "3 min ago"],
  ["2026-03-04T10:01:00Z", "119 min ago"],
  ["2026-03-04T10:00:00Z", "2 h ago"],
  ["2026-03-02T13:00:00Z", "47 h ago"],
  ["2026-02-27T12:00:00Z", "5 days ago"],
])("%s is %s", (then, words) => {
  expect(ago(then, NOW)).toBe(words);
});

test("sizes, shares and dollars are short and exact enough", () => {
  expect([size(950), size(12_345), size(84_000_000), size(2e13)]).toEqual([
    "950 B",
    "12.3 kB",
    "84.0 MB",
    "20.0 TB",
  ]);
  expect([percent(1), percent(0.25), percent(0.005), percent(1 / 3)]).toEqual([
    "100 %",
    "25 %",
    "0.5 %",
    "33.3 %",
  ]);
  expect([dollars(0.00452), dollars(12.3456)]).toEqual(["$0.0045", "$12.35"]);
});
