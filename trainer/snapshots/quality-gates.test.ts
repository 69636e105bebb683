import { expect, test } from "vitest";
import type { DatasetFacts } from "../../drizzle/dataset-facts.ts";
import { checkQuality, qualityLines } from "./quality-gates.ts";
import { QUALITY_THRESHOLDS } from "./quality-thresholds.ts";

const NOW = Date.UTC(2026, 5, 1);
const good: DatasetFacts = {
  events: 10_000,
  users: 500,
  items: 300,
  types: { rate: 10_000 },
  ratings: { "3": 4_000, "4": 6_000 },
  sources: [
    { source: "api", events: 6_000, firstSeq: 1, lastSeq: 6_000 },
    { source: "import", events: 4_000, firstSeq: 6_001, lastSeq: 10_000 },
  ],
  newestAt: NOW - 86_400_000,
  repeated: 100,
  busiestUser: 200,
  popular: [["1", 300]],
  recent: { events: 1_000, busiestUser: 40, newItems: 30 },
};
const limits = { ...QUALITY_THRESHOLDS, mostDaysOld: 7, mostOfOneSource: 0.9 };

function failing(change: Partial<DatasetFacts>, before: DatasetFacts | null = good): string[] {
  const { checks } = checkQuality({ ...good, ...change }, before, NOW, limits);
  return checks.filter(({ passed }) => !passed).map(({ gate }) => gate);
}

test("good events pass, with and without a dataset before", () => {
  expect(failing({})).toEqual([]);
  expect(failing({}, null)).toEqual([]);
});

test.each<[string, Partial<DatasetFacts>]>([
  ["volume", { events: 50 }],
  ["volume kept", { events: 9_000 }],
  ["duplicates", { repeated: 6_000 }],
  ["one user", { recent: { ...good.recent, busiestUser: 600 } }],
  ["new items", { recent: { ...good.recent, newItems: 600 } }],
  ["one source", { sources: [{ ...good.sources[0]!, events: 9_500 }] }],
  ["freshness", { newestAt: NOW - 8 * 86_400_000 }],
  ["ratings", { ratings: { "3": 9_000, "4": 1_000 } }],
])("the gate %s fails on what it is for", (gate, change) => {
  expect(failing(change)).toContain(gate);
});

test("the report names what failed first, with what was found and allowed", () => {
  const report = checkQuality({ ...good, repeated: 6_000 }, null, NOW, limits);
  expect(report.passed).toBe(false);
  expect(qualityLines(report)[0]).toBe(
    "FAILED  duplicates: repeated events 0.600, at most 0.500 allowed",
  );
});
