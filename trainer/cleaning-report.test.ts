import { expect, test } from "vitest";
import { CleaningLog } from "./cleaning-report.ts";

test("every rule's rows add up, and the report's totals follow from them", () => {
  const log = new CleaningLog();
  log.keep("type", 8);
  log.drop("type", 2, () => "two of them");
  log.keep("value", 7);
  log.drop("value", 1, () => "one of them");
  const report = log.report();
  expect(report).toMatchObject({ seen: 10, kept: 7, dropped: 3 });
  for (const { seen, kept, dropped } of report.rules) expect(seen).toBe(kept + dropped);
});

test("an example is only made while it is wanted", () => {
  const log = new CleaningLog();
  let made = 0;
  for (let n = 0; n < 10; n++) log.drop("bot", 1, () => `example ${++made}`);
  expect(made).toBe(3);
  expect(log.report().rules.find(({ rule }) => rule === "bot")!.dropped).toBe(10);
});
