import { expect, test } from "vitest";
import { runWithFaults } from "./fault-run.ts";

test("every event is stored once, with the consumer and the database killed at random", async () => {
  const seed = Number(process.env["USHER_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  const say = (line: string) => console.log(line);
  const report = await runWithFaults({
    events: 10_000,
    seed,
    restarts: 2,
    longestOutageMs: 2_000,
    say,
  });
  console.log(JSON.stringify(report));
  expect(report).toMatchObject({ lost: 0, doubled: 0, wrongRatings: 0, restarts: 2 });
  expect(report.cuts).toBeGreaterThan(0);
}, 180_000);
