/** A short soak: the long one is `npm run bench -- soak`. */
import { expect, test } from "vitest";
import { soak } from "./soak.ts";

test("mixed traffic through a cycle and a rollback: no wrong answer, no event lost or doubled", async () => {
  const said: string[] = [];
  const figures = await soak({ seconds: 9, visitors: 4, seed: 3 }, (line) => said.push(line));
  expect(said.filter((line) => line.startsWith("WRONG"))).toEqual([]);
  expect(figures).toMatchObject({
    soak_wrong_answers: 0,
    soak_releases_seen: 2,
    soak_events_lost: 0,
    soak_events_doubled: 0,
  });
  expect(figures["soak_answers"]).toBeGreaterThan(100);
  expect(figures["soak_events"]).toBeGreaterThan(5);
});
