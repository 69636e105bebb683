import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { Usher, UsherProblem } from "../client/index.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { ANSWERS } from "../worker/api/answer-schemas.ts";
import { chromiumPath, startBrowser } from "./browser.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";

let cloud: TestCloud;
let usher: Usher;
beforeAll(async () => {
  cloud = await startTestCloud();
  await importDirectory(cloud.database, await syntheticRatings(cloud.scratch));
  await runCycle(cloud.around, silentProgress);
  usher = new Usher({ url: cloud.api, batchMs: 50 });
});
afterAll(() => cloud?.stop());

const idsOf = ({ items }: { items: readonly { id: string }[] }) => items.map(({ id }) => id);

test("what was sent is seen by the very next answer, without waiting for it", async () => {
  const before = idsOf(await usher.recommendations("1"));
  const sent = usher.send({ userId: "1", itemId: before[0]!, type: "rate", value: 5 });
  const after = await usher.recommendations("1");
  expect(await sent).toMatchObject([{ status: "accepted" }]);
  expect(after).toMatchObject({ source: "fold-in", userId: "1" });
  expect(after.degraded).toBeUndefined();
  expect(idsOf(after)).not.toContain(before[0]);
});

test("the same event sent again is known, and a bad one is told apart", async () => {
  const occurredAt = Date.now();
  const rating = { userId: "2", itemId: "5", type: "rate", value: 4, occurredAt } as const;
  expect(await usher.send(rating)).toMatchObject([{ status: "accepted" }]);
  const [again, bad] = await usher.send(rating, { ...rating, value: 11 });
  expect(again).toMatchObject({ status: "duplicate" });
  expect(bad).toMatchObject({ status: "rejected", reason: expect.stringContaining("0.5..5") });
});

test("lists, pages, search and problems arrive as they are described", async () => {
  const found = await usher.search("a", { limit: 5 });
  expect(found.items).toHaveLength(5);
  const [first] = found.items;
  expect((await usher.item(first!.id)).title).toBe(first!.title);
  expect((await usher.similar(first!.id, { limit: 3 })).items).toHaveLength(3);
  expect((await usher.trending({ limit: 3 })).items).toHaveLength(3);

  const profile = [{ itemId: first!.id, value: 5 }, { itemId: "1" }];
  const page = await usher.recommendationsFor(profile, { limit: 5 });
  expect(page.items[0]!.because!.length).toBeGreaterThan(0);
  const next = await usher.recommendationsFor(profile, { limit: 5, cursor: page.next! });
  expect(idsOf(next).filter((id) => idsOf(page).includes(id))).toEqual([]);

  const unknown = await usher.item("nothing").catch((error: unknown) => error);
  expect(unknown).toBeInstanceOf(UsherProblem);
  expect(unknown).toMatchObject({ status: 404, code: "UNKNOWN_ITEM" });
});

test("the answer to events is the one that openapi.json describes", async () => {
  const response = await fetch(`${cloud.api}/v1/events`, {
    method: "POST",
    body: JSON.stringify([{ userId: "3", itemId: "1", type: "view" }, { userId: "3" }]),
  });
  const body: unknown = await response.json();
  expect(v.parse(ANSWERS.ReceivedEvents, body)).toEqual(body);
});

describe.skipIf(chromiumPath === null)("in a browser", () => {
  test("what waits is sent when the page is left", async () => {
    const browser = await startBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`${cloud.api}/`);
      await page.evaluate(`import("/usher-client.js").then(({ Usher }) => {
        const patient = new Usher({ batchMs: 3_600_000 });
        patient.send({ userId: "leaver", itemId: "1", type: "view" });
      })`);
      await page.goto("about:blank");
      const query = "select type from events where user_id = 'leaver'";
      while ((await cloud.database.pool.query(query)).rows.length === 0) await sleep(100);
    } finally {
      await browser.close();
    }
  });
});

test("the service serves the client to pages", async () => {
  const served = await fetch(`${cloud.api}/usher-client.js`);
  expect(served.headers.get("content-type")).toContain("javascript");
  expect(served.headers.get("access-control-allow-origin")).toBe("*");
  expect(await served.text()).toContain("/v1/recommendations");
});
