/** What the explore page promises, clicked in a real browser against the real service. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { chromiumPath, itemsOnWall, startBrowser, type Visit, visit } from "./browser.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";

const GENRE = "Horror";

describe.skipIf(chromiumPath === null)("the explore page", () => {
  let cloud: TestCloud;
  let browser: Browser;
  let visitor: Visit;
  beforeAll(async () => {
    cloud = await startTestCloud();
    await importDirectory(cloud.database, await syntheticRatings(cloud.scratch));
    await runCycle(cloud.around, silentProgress);
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await cloud?.stop();
  });
  beforeEach(async () => {
    visitor = await visit(browser, cloud.api);
  });
  afterEach(async () => {
    expect(visitor.faults).toEqual([]);
    await visitor.end();
  });

  test("greets with posters to rate, and says where they are from", async () => {
    const { page } = visitor;
    await page.getByRole("heading", { name: "Trending now" }).waitFor();
    expect(await itemsOnWall(page)).toHaveLength(24);
    const meter = await page.locator("#meter").innerText();
    expect(meter).toMatch(/\d ms/);
    expect(meter).toContain("trending");
    expect(meter).toContain(await servedRelease());
    expect(await page.getByRole("slider", { name: "Diversity" }).isDisabled()).toBe(true);
  });

  test("becomes the visitor's own with five ratings, and says why", async () => {
    const { page } = visitor;
    const before = await shareOfGenre(page);
    const rated = await rateFiveOfGenre();

    await page.getByRole("heading", { name: "For you" }).waitFor();
    expect(await page.locator("#meter").innerText()).toContain("computed just now");
    expect(await shareOfGenre(page)).toBeGreaterThan(before);
    const items = await itemsOnWall(page);
    for (const { id } of rated) expect(items).not.toContain(id);
    const reasons = await page.locator("#wall .why b").allTextContents();
    expect(reasons.length).toBeGreaterThan(12);
    expect(rated.map(({ title }) => title)).toEqual(expect.arrayContaining([...new Set(reasons)]));
  });

  test("changes with diversity, and again with each rating", async () => {
    const { page, settled } = visitor;
    await rateFiveOfGenre();
    const plain = await itemsOnWall(page);
    const slider = page.getByRole("slider", { name: "Diversity" });
    await slider.fill("10");
    await page.waitForResponse("**/v1/recommendations");
    await settled();
    expect(await itemsOnWall(page)).not.toEqual(plain);

    await slider.fill("0");
    await page.waitForResponse("**/v1/recommendations");
    await settled();
    expect(await itemsOnWall(page)).toEqual(plain);
    await rateFirst(page, 1);
    await settled();
    expect(await itemsOnWall(page)).not.toContain(plain[0]);
  });

  test("keeps the ratings for the next visit, until told to start over", async () => {
    const { page, settled } = visitor;
    await rateFirst(page, 4);
    await page.reload();
    await settled();
    const own = page.getByRole("list", { name: "Your ratings" }).getByRole("listitem");
    expect(await own.count()).toBe(1);
    const given = own.getByRole("button", { name: "4 of 5 stars", pressed: true });
    expect(await given.count()).toBe(1);

    await page.getByRole("button", { name: "Start over" }).click();
    await settled();
    await page.getByRole("heading", { name: "Trending now" }).waitFor();
    expect(await own.count()).toBe(0);
  });

  test("shows for an item what brought it and what is similar", async () => {
    const { page } = visitor;
    const trending = await itemsOnWall(page);
    await rateFiveOfGenre();
    // One that was on the wall before there were any reasons: it must not show what it said then.
    const stayed = (await itemsOnWall(page)).find((id) => trending.includes(id))!;
    const card = page.locator(`#wall > [data-item="${stayed}"]`);
    const reason = await card.locator(".why b").textContent();
    await card.locator(".poster").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("heading", { name: "Because you rated" }).waitFor();
    expect(await dialog.locator(".reasons li").first().textContent()).toBe(reason);
    await dialog.locator(".similar .poster").first().waitFor();
    const title = await dialog.getByRole("heading", { level: 2 }).innerText();
    await dialog.locator(".similar .poster").first().click();
    expect(await dialog.getByRole("heading", { level: 2 }).innerText()).not.toBe(title);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
  });

  test("shows what a user of the service gets, exactly as the service answers", async () => {
    const { page, settled } = visitor;
    await page.getByLabel("See as user").fill("17");
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByRole("heading", { name: "For user 17" }).waitFor();
    await settled();
    const url = `${cloud.api}/v1/users/17/recommendations?limit=24`;
    const { items } = (await (await fetch(url)).json()) as { items: { id: string }[] };
    expect(await itemsOnWall(page)).toEqual(items.map(({ id }) => id));
    expect(page.url()).toContain("?user=17");

    await page.getByRole("button", { name: "Back to my own" }).click();
    await page.getByRole("heading", { name: "Trending now" }).waitFor();
  });

  test("sends a user's stars as events, and the next list knows them", async () => {
    const { page, settled, requests, end } = await visit(browser, `${cloud.api}/?user=23`);
    await page.getByRole("heading", { name: "For user 23" }).waitFor();
    const given: string[] = [];
    for (const stars of [5, 2]) {
      const card = page.locator("#wall > li").first();
      const id = (await card.getAttribute("data-item"))!;
      given.push(id);
      await card.getByRole("button", { name: `${stars} of 5 stars` }).click();
      await page.locator(`#wall > [data-item="${id}"]`).waitFor({ state: "detached" });
      await settled();
      expect(await itemsOnWall(page)).not.toEqual(expect.arrayContaining([id]));
    }
    expect(await page.locator("#meter").innerText()).toContain("computed just now");
    const asked = requests.map((request) => new URL(request.url()));
    expect(asked.filter(({ pathname }) => pathname === "/v1/events")).toHaveLength(2);
    expect(asked.at(-1)!.searchParams.get("after")).not.toBeNull();
    expect(asked.some(({ pathname }) => pathname === "/v1/recommendations")).toBe(false);
    const stored = async () => {
      const found = await cloud.database.pool.query(
        "select item_id, value from events where user_id = '23' and source = 'api' order by seq",
      );
      return found.rows;
    };
    await expect.poll(stored, { timeout: 20_000 }).toEqual([
      { item_id: given[0], value: 5 },
      { item_id: given[1], value: 2 },
    ]);
    expect(await page.evaluate("localStorage.getItem('usher.ratings')")).toBeNull();
    await end();
  });

  test("says so when the service takes no events from a page, and keeps the list", async () => {
    const { page, settled, end } = await visit(browser, `${cloud.api}/?user=24`);
    const before = await itemsOnWall(page);
    const detail = "Send an API key as Authorization: Bearer KEY.";
    await page.route("**/v1/events", (route) => route.fulfill({ status: 401, json: { detail } }));
    await page.locator("#wall .star").first().click();
    await page.getByRole("alert").filter({ hasText: detail }).waitFor();
    await settled();
    expect(await itemsOnWall(page)).toEqual(before);
    await end();
  });

  async function servedRelease(): Promise<string> {
    const response = await fetch(`${cloud.api}/v1/trending`);
    return response.headers.get("usher-release")!;
  }

  async function shareOfGenre(page: Page): Promise<number> {
    const items = await itemsOnWall(page);
    const ofGenre = await cloud.database.pool.query(
      "select count(*)::int as count from items where item_id = any($1) and $2 = any(categories)",
      [items, GENRE],
    );
    return ofGenre.rows[0].count / items.length;
  }

  /** Narrows the wall to the genre, gives five stars to five posters, and widens it again. */
  async function rateFiveOfGenre(): Promise<{ id: string; title: string }[]> {
    const { page, settled } = visitor;
    const chip = page.getByRole("button", { name: GENRE, exact: true });
    await chip.click();
    await settled();
    const rated = [];
    for (let count = 0; count < 5; count++) rated.push(await rateFirst(page, 5));
    await chip.click();
    await settled();
    return rated;
  }

  async function rateFirst(page: Page, value: number): Promise<{ id: string; title: string }> {
    const card = page.locator("#wall > li").first();
    const id = (await card.getAttribute("data-item"))!;
    const title = await card.locator(".poster-title").textContent();
    await card.getByRole("button", { name: `${value} of 5 stars` }).click();
    await visitor.settled();
    await page.locator(`#wall > [data-item="${id}"]`).waitFor({ state: "detached" });
    return { id, title: title! };
  }
});
