/** The explore page for those who use no mouse, listen to it, hold a phone, or sit in the dark. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import {
  accessibilityViolations,
  chromiumPath,
  itemsOnWall,
  PHONE,
  startBrowser,
  visit,
} from "./browser.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";

const SURROUNDINGS: [string, BrowserContextOptions][] = [
  ["on a desk", {}],
  ["in the dark", { colorScheme: "dark" }],
  ["on a phone", PHONE],
  ["on a phone in the dark", { ...PHONE, colorScheme: "dark" }],
];

describe.skipIf(chromiumPath === null)("everybody", () => {
  let cloud: TestCloud;
  let browser: Browser;
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

  test("can search and rate by keyboard alone", async () => {
    const { page, settled, faults, end } = await visit(browser, cloud.api);
    for (const [word, stars] of Object.entries({ garden: "5", comet: "4", lantern: "2" })) {
      await page.keyboard.press("/");
      await page.keyboard.type(word);
      await page.getByRole("option").first().waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      const marked = page.getByRole("option", { selected: true });
      const title = await marked.locator("span:not([class])").textContent();
      await page.keyboard.press("Enter");
      await page.keyboard.press(stars);
      await settled();
      const newest = page.getByRole("list", { name: "Your ratings" }).getByRole("listitem").first();
      expect(title).toContain(await newest.locator(".row-title").textContent());
      const given = newest.getByRole("button", { name: `${stars} of 5 stars` });
      expect(await given.getAttribute("aria-pressed")).toBe("true");
    }
    await page.getByRole("heading", { name: "For you" }).waitFor();
    expect(faults).toEqual([]);
    await end();
  });

  test("can rate along the wall without losing their place", async () => {
    const { page, settled, end } = await visit(browser, cloud.api);
    await tabTo(page, "#wall .star");
    const places: number[] = [];
    for (let count = 0; count < 3; count++) {
      const [first] = await itemsOnWall(page);
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("Enter");
      await settled();
      expect(await itemsOnWall(page)).not.toContain(first);
      places.push(await placeOfFocus(page));
    }
    expect(places).toEqual([0, 0, 0]);
    expect(await page.locator("#said[role=status]").textContent()).toMatch(
      /^For you: \d+ of 24 items are new/,
    );
    await end();
  });

  test.each(SURROUNDINGS)("meets no barrier that axe knows, %s", async (_where, options) => {
    const { page, settled, faults, end } = await visit(browser, cloud.api, options);
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.locator("#wall .star").nth(4).click();
    await settled();
    await page.getByRole("button", { name: "Horror", exact: true }).click();
    await settled();
    await page.getByRole("combobox").fill("garden");
    await page.getByRole("option").first().waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.locator("#wall .poster").first().click();
    await page.locator(".similar .poster").first().waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    expect(faults).toEqual([]);
    await end();
  });

  test("sees all of it on a phone without scrolling sideways, and can hit each star", async () => {
    const { page, end } = await visit(browser, cloud.api, PHONE);
    await page.locator("#wall .star").nth(4).tap();
    await page.getByRole("heading", { name: "For you" }).waitFor();
    const [shown, wide] = await page.evaluate<[number, number]>(
      "[document.documentElement.clientWidth, document.documentElement.scrollWidth]",
    );
    expect(wide).toBe(shown);
    const star = await page.locator("#wall .star").first().boundingBox();
    // WCAG 2.5.8: a target is at least 24 by 24 CSS pixels.
    expect(Math.min(star!.width, star!.height)).toBeGreaterThanOrEqual(24);
    await end();
  });

  test("gets dark colours where the system is dark", async () => {
    const lightness = async (options: BrowserContextOptions) => {
      const { page, end } = await visit(browser, cloud.api, options);
      const colour = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
      await end();
      return Math.max(...colour.match(/\d+/g)!.slice(0, 3).map(Number));
    };
    expect(await lightness({ colorScheme: "light" })).toBeGreaterThan(200);
    expect(await lightness({ colorScheme: "dark" })).toBeLessThan(50);
  });

  test("who asked for less motion gets none", async () => {
    const moving = async (reducedMotion: "reduce" | "no-preference") => {
      const { page, end } = await visit(browser, cloud.api, { reducedMotion });
      const counted = page.evaluate<number>(`new Promise((resolve) => {
        let most = 0;
        const look = () => {
          const moves = document.getAnimations().filter((move) => move.effect.getTiming().duration > 0);
          most = Math.max(most, moves.length);
          requestAnimationFrame(look);
        };
        look();
        setTimeout(() => resolve(most), 1500);
      })`);
      await page.locator("#wall .star").nth(4).click();
      const most = await counted;
      await end();
      return most;
    };
    expect(await moving("no-preference")).toBeGreaterThan(10);
    expect(await moving("reduce")).toBe(0);
  });
});

/** Presses Tab until the focus is on something of this kind. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate<boolean>(`document.activeElement.matches("${selector}")`)) return;
  }
  throw new Error(`60 presses of Tab never reached ${selector}.`);
}

/** On which card of the wall the focus is, or -1. */
function placeOfFocus(page: Page): Promise<number> {
  return page.evaluate<number>(
    "[...document.querySelectorAll('#wall > li')].findIndex((card) => card.contains(document.activeElement))",
  );
}
