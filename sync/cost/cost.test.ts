import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { chargeFor, FREE_DAY, PAID } from "../../release/prices.ts";
import { costDocument } from "./document.ts";
import { keyPerUserMonth, packedKeys, packedMonth } from "./month.ts";

test("docs/cost.md is what the prices give: npm run cost", () => {
  const text = readFileSync(new URL("../../docs/cost.md", import.meta.url), "utf8");
  expect(text).toBe(costDocument());
});

test("a million users fit a day of the free plan", () => {
  expect(packedKeys(1_000_000)).toBeLessThan(FREE_DAY.kvWrites);
});

test("what is included costs nothing, and each further million its price", () => {
  expect(chargeFor(PAID.kvWrites, 1e6)).toBe(0);
  expect(chargeFor(PAID.kvWrites, 3e6)).toBe(10);
});

test("one key per user of a million users costs 145 dollars of writes a month, packed none", () => {
  // 30 releases of a million keys, the first million included, at 5 dollars a million.
  expect(keyPerUserMonth(1_000_000).writes).toBeCloseTo(145, 2);
  expect(packedMonth(1_000_000).writes).toBe(0);
});

test("the total is the plan and its charges", () => {
  const { total, writes, deletes, reads, storage, requests } = packedMonth(1e8);
  expect(total).toBeCloseTo(PAID.monthly + writes + deletes + reads + storage + requests, 6);
});
