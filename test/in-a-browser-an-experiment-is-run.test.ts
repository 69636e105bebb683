/** An experiment by the operators' page: defined, started, stopped, shipped; each mistake is a sentence. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { accessibilityViolations, chromiumPath, openPage, PHONE, startBrowser } from "./browser.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";

const SHAPE = { users: 60, items: 80, ratingsPerUser: 20 };
const PATIENT = { timeout: 15_000 };

describe.skipIf(chromiumPath === null)("experiments on the operators' page", () => {
  let cloud: TestCloud;
  let browser: Browser;
  let first: string;
  let second: string;
  beforeAll(async () => {
    cloud = await startTestCloud();
    browser = await startBrowser();
    await importDirectory(cloud.database, await syntheticRatings(cloud.scratch, SHAPE));
    first = (await runCycle(cloud.around, silentProgress)).release;
    const more = await syntheticRatings(cloud.scratch, { ...SHAPE, seed: 8 });
    await importDirectory(cloud.database, more);
    second = (await runCycle(cloud.around, silentProgress, { force: true })).release;
  });
  afterAll(async () => {
    await browser?.close();
    await cloud?.stop();
  });

  const card = (page: Page) => page.locator('[data-experiment="new-ranking"]');

  async function press(page: Page, name: string): Promise<void> {
    await page.getByRole("button", { name, exact: true }).click();
    const action = name.split(" ")[0]!;
    await page.getByRole("dialog").getByRole("button", { name: action }).click();
  }

  async function experimentsServed(): Promise<Set<string | null>> {
    const users = Array.from({ length: 20 }, (_, n) => n + 1);
    const answers = users.map(async (user) => {
      const response = await fetch(`${cloud.api}/recommend/${user}`);
      await response.body?.cancel();
      return response.headers.get("usher-experiment");
    });
    return new Set(await Promise.all(answers));
  }

  test("a mistake in the form is a sentence, and what was filled in stays", async () => {
    const { page, end } = await openPage(browser, `${cloud.api}/dashboard`);
    await page.getByText("No experiments yet.").waitFor();
    await page.getByText("Define an experiment").click();
    await page.getByLabel("Id", { exact: true }).fill("New Ranking");
    await page.getByLabel("What it is about").fill("The older release again");
    await page.getByRole("button", { name: "Define", exact: true }).click();
    const told = page.locator("#experiment-told");
    await told.filter({ hasText: "the id takes 1 to 40 of a-z, 0-9 and -" }).waitFor();

    await page.getByLabel("Id", { exact: true }).fill("new-ranking");
    await page.getByLabel("% of all users").first().fill("80");
    await page.getByRole("button", { name: "Define", exact: true }).click();
    await told.filter({ hasText: "their shares come to more than all users" }).waitFor();

    await page.getByLabel("% of all users").first().fill("50");
    await page.getByLabel("Serves").nth(1).selectOption(first);
    expect(await accessibilityViolations(page)).toEqual([]);
    await page.getByRole("button", { name: "Define", exact: true }).click();
    await told.filter({ hasText: "new-ranking is defined." }).waitFor();
    await card(page).getByText("Not started").waitFor();
    expect(await card(page).innerText()).toContain(`new 50 %: ${first}`);
    await end();
  });

  test("it starts, stops and ships once each is confirmed", async () => {
    const { page, end } = await openPage(browser, `${cloud.api}/dashboard`);
    await page.getByRole("button", { name: "Start new-ranking" }).click();
    await page.keyboard.press("Escape");
    expect(await experimentsServed()).toEqual(new Set([null]));
    await press(page, "Start new-ranking");
    await card(page).getByText("Runs since").waitFor();
    const arms = new Set(["new-ranking/control", "new-ranking/new"]);
    await expect.poll(experimentsServed, PATIENT).toEqual(arms);
    expect(await accessibilityViolations(page)).toEqual([]);

    await press(page, "Stop new-ranking");
    await card(page).getByText("Ended").waitFor();
    await expect.poll(experimentsServed, PATIENT).toEqual(new Set([null]));

    await page.getByLabel("Arm of new-ranking to ship").selectOption("new");
    await press(page, "Ship new-ranking");
    await card(page).getByText("new serves everybody").waitFor();
    await page.locator(`tr.serving[data-release="${first}"]`).waitFor();
    expect(await card(page).getByRole("link", { name: "Results" }).getAttribute("href")).toBe(
      "/experiment?id=new-ranking",
    );
    await end();
  });

  test("a release that is gone keeps an experiment from starting, in a sentence", async () => {
    const arms = [
      { name: "control", share: 0.1 },
      { name: "gone", share: 0.1, release: second },
    ];
    await fetch(`${cloud.api}/v1/experiments`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ id: "gone", name: "A release that is gone", arms }),
    });
    await cloud.workers.kv.delete(`r/${second}/manifest`);
    const { page, end } = await openPage(browser, `${cloud.api}/dashboard`, PHONE);
    await press(page, "Start gone");
    const trouble = page.getByRole("alert").filter({ hasText: `KV has no release ${second}` });
    await trouble.waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await end();
  });
});
