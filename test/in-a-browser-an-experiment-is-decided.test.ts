/** An experiment on simulated traffic, from its first users to a verdict, as the results page tells it. */
import { createHash } from "node:crypto";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ExperimentResults } from "../experiments/results.ts";
import { accessibilityViolations, chromiumPath, openPage, PHONE, startBrowser } from "./browser.ts";
import { startTestCloud, type TestCloud } from "./cloud.ts";
import { defineSimulated, moment, simulateTraffic } from "./simulated-traffic.ts";

const KEY = "usher_the-key-of-an-operator";
const KEYS = [
  { name: "operator", sha256: createHash("sha256").update(KEY).digest("hex"), scopes: ["operate"] },
];

describe.skipIf(chromiumPath === null)("the results of an experiment", () => {
  let cloud: TestCloud;
  let browser: Browser;
  beforeAll(async () => {
    cloud = await startTestCloud({ vars: { API_KEYS: JSON.stringify(KEYS) } });
    browser = await startBrowser();
    await defineSimulated(cloud.database, "better-lists", "split");
    await defineSimulated(cloud.database, "nobody-yet", "split");
    await defineSimulated(cloud.database, "mixed", "interleaving");
  });
  afterAll(async () => {
    await browser?.close();
    await cloud?.stop();
  });

  test("wants a key; an experiment that nobody defined, or none at all, is a sentence", async () => {
    const { page, end } = await openPage(browser, `${cloud.api}/experiment?id=no-such`);
    await page.getByRole("alert").filter({ hasText: "Send an API key" }).waitFor();
    await giveKey(page);
    await page.getByRole("alert").filter({ hasText: 'There is no experiment "no-such"' }).waitFor();
    await page.goto(`${cloud.api}/experiment`);
    await page.getByRole("alert").filter({ hasText: "names no experiment" }).waitFor();
    await end();
  });

  test("before anybody is exposed nothing is decided, and nothing is blank", async () => {
    const { page, end } = await open("nobody-yet");
    await verdict(page, "Not decided: today has 0 of the 100 users");
    await page.getByText("Too few users to draw yet.").waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await end();
  });

  test("two days decide nothing, a fortnight of a better arm says to ship it", async () => {
    await simulateTraffic(cloud.database, "better-lists", 2);
    const early = await open("better-lists");
    await verdict(early.page, "Not decided: the effect of fresh on clicks is");
    await early.end();

    await simulateTraffic(cloud.database, "better-lists", 14);
    const { page, faults, end } = await open("better-lists");
    await verdict(page, "fresh lifts clicks by");
    await verdict(page, ": ship it.");
    const told = (await results("better-lists")).analysis;
    expect(await page.locator("#arms tbody tr").count()).toBe(2);
    expect(await page.locator("#arms").innerText()).toContain("the users that they should have");
    await page.locator("#effect summary").click();
    const days = page.locator("#effect tbody tr");
    expect(await days.count()).toBe(told.daily.length);
    expect(await days.last().innerText()).toContain(
      `+${(told.daily.at(-1)!.relative * 100).toFixed(1)} %`,
    );
    expect(await page.locator("#guardrails tbody th").allTextContents()).toEqual(["active"]);
    expect(await page.locator("#segments tbody th").allTextContents()).toEqual([
      "new",
      "returning",
    ]);
    await page.locator("#distribution summary").click();
    expect(await page.locator("#distribution tbody tr").count()).toBeGreaterThan(2);
    expect(faults.filter((fault) => !fault.includes("401"))).toEqual([]);
    await end();
  });

  test("is saved as CSV and as JSON, the same as the service answers", async () => {
    const { page, end } = await open("better-lists");
    await verdict(page, "ship it");
    const [csv] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save as CSV" }).click(),
    ]);
    expect(csv.suggestedFilename()).toBe("better-lists.csv");
    const answered = await fetch(`${cloud.api}/v1/experiments/better-lists/results?format=csv`, {
      headers: { authorization: `Bearer ${KEY}` },
    });
    const lines = (await answered.text()).trimEnd().split("\r\n");
    expect(lines[1]).toContain("ship: fresh lifts clicks");
    expect(lines.filter((line) => line.startsWith("day,"))).toHaveLength(14);
    const odd = await fetch(`${cloud.api}/v1/experiments/better-lists/results?format=xml`, {
      headers: { authorization: `Bearer ${KEY}` },
    });
    expect(await odd.text()).toContain("it takes json or csv");
    await end();
  });

  test("an arm that loses users is not believed", async () => {
    await cloud.database.pool.query(
      "delete from exposures where experiment_id = 'better-lists' and arm = 'fresh' and hashtext(user_id) % 3 = 0",
    );
    const { page, end } = await open("better-lists");
    await verdict(page, "Do not trust this: about");
    await page.locator("#arms .worry").waitFor();
    await end();
  });

  test("interleaved, the ranking that people take more from is the one to ship", async () => {
    await mix(400);
    const { page, end } = await open("mixed");
    await verdict(page, "prefer fresh");
    await verdict(page, "ship fresh");
    expect(await page.locator("#arms tbody th").allTextContents()).toEqual([
      "prefer fresh",
      "prefer today",
      "neither",
    ]);
    await end();
  });

  test.each([
    ["on a desk", {}],
    ["in the dark", { colorScheme: "dark" as const }],
    ["on a phone", PHONE],
  ])("has no barrier that axe knows, %s", async (_where, options) => {
    const { page, end } = await open("better-lists", options);
    await page.locator("#effect svg").waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.locator("#effect summary").click();
    expect(await accessibilityViolations(page)).toEqual([]);
    await end();
  });

  async function open(id: string, options = {}) {
    const opened = await openPage(browser, `${cloud.api}/experiment?id=${id}`, options);
    await giveKey(opened.page);
    await opened.page.locator("#verdict").waitFor();
    return opened;
  }

  async function giveKey(page: Awaited<ReturnType<typeof openPage>>["page"]): Promise<void> {
    await page.getByLabel("An API key").fill(KEY);
    await page.getByRole("button", { name: "Continue" }).click();
  }

  function verdict(page: Awaited<ReturnType<typeof openPage>>["page"], says: string) {
    return page.locator("#verdict").filter({ hasText: says }).waitFor();
  }

  async function results(id: string): Promise<ExperimentResults> {
    const response = await fetch(`${cloud.api}/v1/experiments/${id}/results`, {
      headers: { authorization: `Bearer ${KEY}` },
    });
    return (await response.json()) as ExperimentResults;
  }

  /** Users who saw mixed lists; two of three take the second ranking's item. */
  async function mix(users: number): Promise<void> {
    const { pool } = cloud.database;
    const names = Array.from({ length: users }, (_, user) => `m${user}`);
    await pool.query(
      "insert into exposures select 'mixed', u, 'interleaved', $2, $2, 1 from unnest($1::text[]) as u",
      [names, moment(0, 1)],
    );
    await pool.query(
      "insert into served_lists select 'l' || u, 'mixed', u, 'interleaved', 'r2', $2, '{a,b}', '{0,1}' from unnest($1::text[]) as u",
      [names, moment(0, 1)],
    );
    await pool.query(
      `insert into events (event_id, user_id, item_id, type, occurred_at, source)
       select 'm' || u, u, case when at % 3 = 0 then 'a' else 'b' end, 'click', $2, 'test'
       from unnest($1::text[]) with ordinality as row(u, at)`,
      [names, moment(0, 3)],
    );
    await pool.query("update experiments set stopped_at = $1 where id = 'mixed'", [moment(8, 0)]);
  }
});
