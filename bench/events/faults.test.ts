import { expect, test } from "vitest";
import { runWithFaults } from "./fault-run.ts";
import { runWithKills } from "./killed-consumer.ts";

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

test("a consumer that is killed at any moment loses nothing and stores nothing twice", async () => {
  const seed = Number(process.env["USHER_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  const say = (line: string) => console.log(line);
  const report = await runWithKills({ events: 4_000, seed, kills: 4, say });
  expect(report).toMatchObject({ lost: 0, doubled: 0, wrongRatings: 0, kills: 4 });
  expect(report.redelivered).toBeGreaterThan(0);
}, 180_000);
