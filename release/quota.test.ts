import { expect, test } from "vitest";
import { dayOf, NOBODY_OVER, overQuotaText, parseOverQuota, usedUp } from "./quota.ts";

const EVENING = Date.parse("2026-11-30T23:59:59.999Z");
const OVER = { day: "2026-11-30", over: new Map([["constructor", ["events"] as const]]) };

test("who has used up a quota has done so until the day ends in UTC", () => {
  expect(usedUp(OVER, "constructor", EVENING)).toEqual(["events"]);
  expect(usedUp(OVER, "acme", EVENING)).toEqual([]);
  expect(usedUp(OVER, "constructor", EVENING + 1)).toEqual([]);
  expect(dayOf(EVENING + 1)).toBe("2026-12-01");
});

test("who is over is read as it was written, nobody without the key, and nothing else is", () => {
  expect(parseOverQuota(overQuotaText(OVER))).toEqual(OVER);
  expect(parseOverQuota(null)).toEqual(NOBODY_OVER);
  for (const text of ["", "[]", '{"v":1,"day":"2026-11-30","over":[["acme",["items"]]]}']) {
    expect(() => parseOverQuota(text)).toThrow("over-quota");
  }
});
