import { expect, test } from "vitest";
import { type Status, statusInWords } from "./status-in-words.ts";

const NOW = new Date("2026-03-04T12:00:00Z");
const EMPTY: Status = {
  place: "local",
  api: "http://127.0.0.1:8787",
  pointer: null,
  staged: null,
  refused: null,
  trending: null,
  cron: [],
  stored: { events: 0, users: 0, items: 0, quarantined: 0 },
};

test("before the first release it says what to do", () => {
  expect(statusInWords(EMPTY, NOW)).toMatch(/serving {2}nothing yet: run "usher cycle"/);
});

test("every arm, what waits, what was refused and the last runs are told with their ages", () => {
  const status: Status = {
    ...EMPTY,
    pointer: {
      arms: [
        { release: "b", weight: 1 },
        { release: "a", weight: 9 },
      ],
      salt: "",
      previous: "a",
      generation: 3,
      changedAt: "2026-03-04T11:30:00Z",
    },
    staged: { release: "c", stagedAt: "2026-03-04T11:58:00Z", verified: 800, share: 0.5 },
    refused: {
      release: "z",
      refusedAt: "2026-03-03T11:00:00Z",
      reason: "r/z/l/0 is not in KV",
      keys: [],
    },
    trending: { computedAt: "2026-03-04T11:55:00Z", windowHours: 168, items: [] },
    cron: [
      {
        run: "activate",
        at: new Date("2026-03-04T11:59:00Z"),
        outcome: "refused",
        detail: { release: "z", reason: "r/z/l/0 is not in KV" },
        milliseconds: 5,
      },
    ],
  };
  expect(statusInWords(status, NOW).split("\n")).toEqual([
    "place    local, API at http://127.0.0.1:8787",
    "serving  b to 10 % of the users, since 30 min ago",
    "serving  a to 90 % of the users, since 30 min ago",
    "rollback a",
    "staged   c for 50 %, 2 min ago, 800 values verified",
    "refused  z 25 h ago: r/z/l/0 is not in KV",
    "trending 0 items, 5 min ago",
    "cron     activate 1 min ago: refused z (r/z/l/0 is not in KV)",
    "stored   0 events, 0 users, 0 items, 0 quarantined rows",
  ]);
});
