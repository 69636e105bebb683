/** The operators' page against the real stores: a key, two releases, a rollback and back again. */
import { createHash } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { accessibilityViolations, chromiumPath, openPage, PHONE, startBrowser } from "./browser.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";

const OPERATOR = "usher_the-key-of-an-operator";
const SENDER = "usher_a-key-that-may-only-send-events";
const KEYS = [
  { name: "operator", sha256: hashed(OPERATOR), scopes: ["operate", "events"] },
  { name: "sender", sha256: hashed(SENDER), scopes: ["events"] },
];

function hashed(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

describe.skipIf(chromiumPath === null)("the operators' page", () => {
  let cloud: TestCloud;
  let browser: Browser;
  let first: string;
  let second: string;
  beforeAll(async () => {
    cloud = await startTestCloud({
      vars: { API_KEYS: JSON.stringify(KEYS), TRAFFIC_FLUSH_SECONDS: "1" },
    });
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await cloud?.stop();
  });

  test("wants a key, says why one will not do, and shows an empty service as such", async () => {
    const { page, end } = await openPage(browser, `${cloud.api}/dashboard`);
    const trouble = page.getByRole("alert");
    await page.getByText("Send an API key").waitFor();
    expect(await page.locator("#board").isVisible()).toBe(false);
    for (const [key, says] of [
      ["usher_nobody's", "This API key is not known."],
      [SENDER, 'it has no scope "operate"'],
    ] as const) {
      await giveKey(page, key);
      await trouble.filter({ hasText: says }).waitFor();
    }
    await giveKey(page, OPERATOR);
    await page.getByText("No releases yet.").waitFor();
    expect(await page.locator("#facts").innerText()).toContain("nothing yet");
    expect(await page.getByRole("button", { name: "Roll back" }).isDisabled()).toBe(true);
    expect(await trouble.textContent()).toBe("");
    await end();
  });

  test("shows each release with its quality, what serves, and the events that came in", async () => {
    await importDirectory(cloud.database, await syntheticRatings(cloud.scratch));
    first = (await runCycle(cloud.around, silentProgress)).release;
    await importDirectory(cloud.database, await syntheticRatings(cloud.scratch, { seed: 8 }));
    second = (await runCycle(cloud.around, silentProgress, { force: true })).release;
    const { page, faults, end } = await openPage(browser, `${cloud.api}/dashboard`);
    await giveKey(page, OPERATOR);

    const rows = page.locator("#releases tbody tr");
    await rows.nth(1).waitFor();
    expect(await rows.locator("th").allTextContents()).toEqual([second, first]);
    expect(await rows.nth(0).innerText()).toContain("serves everybody");
    expect(await rows.nth(1).innerText()).toContain("kept for a rollback");
    const { rows: stored } = await cloud.database.pool.query(
      "select count(*)::int as events, (select manifest #>> '{metrics,ndcg@100,mean}' from releases where release = $1) as ndcg from events",
      [second],
    );
    const { events, ndcg } = stored[0] as { events: number; ndcg: string };
    expect(await rows.nth(0).innerText()).toContain(Number(ndcg).toFixed(4));
    expect(await page.locator("#facts").innerText()).toContain(events.toLocaleString("en"));

    await page.locator("#intake").getByText("As a table").click();
    const hours = await page.locator("#intake tbody td").allTextContents();
    expect(hours).toHaveLength(24);
    const sum = hours.reduce((total, text) => total + Number(text.replaceAll(",", "")), 0);
    expect(sum).toBe(events);
    // The browser itself reports each answer of 401.
    expect(faults.filter((fault) => !fault.includes("401"))).toEqual([]);
    await end();
  });

  test("shows traffic, waiting, lag, quality, drift and cost, each as a table too, and keeps up", async () => {
    const ask = async () => {
      for (const user of [17, 18, "nobody"]) await fetch(`${cloud.api}/recommend/${user}`);
    };
    await ask();
    const body = JSON.stringify({ userId: "17", itemId: "1", type: "click" });
    const headers = { authorization: `Bearer ${OPERATOR}` };
    await fetch(`${cloud.api}/v1/events`, { method: "POST", headers, body });
    const { page, faults, end } = await openPage(browser, `${cloud.api}/dashboard`);
    await giveKey(page, OPERATOR);
    const answers = page.locator("#answers");
    await answers.getByText("As a table").click();
    const now = answers.locator("tbody tr").last().locator("td");
    const told = async () => (await now.allTextContents()).map(Number).reduce((a, b) => a + b, 0);
    await expect.poll(told, { timeout: 30_000 }).toBeGreaterThanOrEqual(3);
    const before = await told();
    await ask();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    await ask();
    await expect.poll(told, { timeout: 30_000 }).toBeGreaterThan(before);
    expect(await answers.locator("details").getAttribute("open")).not.toBeNull();

    const said = (id: string) => page.locator(`#${id} > p`).first().textContent();
    expect(await said("wait")).toMatch(/Requests waited [\d.]+ m?s in the middle/);
    await expect.poll(() => said("lag"), { timeout: 30_000 }).toMatch(/Events were on their way/);
    expect(await said("quality")).toMatch(/2 releases; the newest has NDCG@100 0\.\d{3}/);
    expect(await said("data")).toMatch(/learned from [\d,]+ interactions, taken \d+ s ago/);
    expect(await page.locator("#facts").innerText()).toContain("Data taken");
    expect(await said("drift")).toContain("stability index");
    expect(await said("cost")).toMatch(/^\$5\.00 so far this month/);
    for (const id of [
      "answers",
      "wait",
      "faults",
      "intake",
      "lag",
      "quality",
      "data",
      "drift",
      "cost",
    ]) {
      const place = page.locator(`#${id}`);
      expect(await place.getByRole("img").getAttribute("aria-label")).toBe(await said(id));
      expect(await place.locator("tbody tr").count()).toBeGreaterThan(0);
    }
    expect(faults.filter((fault) => !fault.includes("401"))).toEqual([]);
    await end();
  });

  test("rolls back once that is confirmed, and can take it back", async () => {
    const { page, end } = await openPage(browser, `${cloud.api}/dashboard`);
    await giveKey(page, OPERATOR);
    const rollback = page.getByRole("button", { name: "Roll back", exact: true });
    const dialog = page.getByRole("dialog");
    await page.locator("#rollback:enabled").click();
    await dialog.getByText(`Roll back to ${first}?`).waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    expect(await servedRelease()).toBe(second);

    await rollback.click();
    await dialog.getByRole("button", { name: "Roll back" }).click();
    await page.locator(`tr.serving[data-release="${first}"]`).waitFor();
    await expect.poll(servedRelease).toBe(first);
    const active = await cloud.database.pool.query(
      "select release from releases where status = 'active'",
    );
    expect(active.rows).toEqual([{ release: first }]);

    await page.getByRole("button", { name: `Activate ${second}` }).click();
    await dialog.getByRole("button", { name: "Activate" }).click();
    await page.locator(`tr.serving[data-release="${second}"]`).waitFor();
    await expect.poll(servedRelease).toBe(second);
    await end();
  });

  test("says so when a release is gone from KV, and goes on showing what serves", async () => {
    await cloud.workers.kv.delete(`r/${first}/manifest`);
    const { page, end } = await openPage(browser, `${cloud.api}/dashboard`);
    await giveKey(page, OPERATOR);
    await page.getByRole("button", { name: `Activate ${first}` }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Activate" }).click();
    await page
      .getByRole("alert")
      .filter({ hasText: `KV has no release ${first}` })
      .waitFor();
    expect(await servedRelease()).toBe(second);
    await end();
  });

  test.each([
    ["on a desk", {}],
    ["in the dark", { colorScheme: "dark" as const }],
    ["on a phone", PHONE],
  ])("has no barrier that axe knows, %s", async (_where, options) => {
    const { page, end } = await openPage(browser, `${cloud.api}/dashboard`, options);
    await page.getByText("Send an API key").waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await giveKey(page, OPERATOR);
    await page.locator("#releases tbody tr").first().waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.locator("#rollback:enabled").click();
    await page.getByRole("dialog").waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await end();
  });

  async function giveKey(page: Page, key: string): Promise<void> {
    await page.getByLabel("An API key").fill(key);
    await page.getByRole("button", { name: "Continue" }).click();
  }

  async function servedRelease(): Promise<string | null> {
    const response = await fetch(`${cloud.api}/v1/users/17/recommendations`);
    await response.body?.cancel();
    return response.headers.get("usher-release");
  }
});
