/** What both pages say when there is hardly anything to show, or somebody is away. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { chromiumPath, itemsOnWall, openPage, startBrowser, visit } from "./browser.ts";
import {
  removeFolder,
  startTestCloud,
  syntheticRatings,
  type TestCloud,
  temporaryFolder,
} from "./cloud.ts";

describe.skipIf(chromiumPath === null)("in trouble", () => {
  let cloud: TestCloud;
  let browser: Browser;
  beforeAll(async () => {
    cloud = await startTestCloud();
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await cloud?.stop();
  });

  test("a single user who knows everything there is: both pages say what there is", async () => {
    const folder = await temporaryFolder();
    const rows = ["userId,movieId,rating,timestamp", "1,10,4.0,964982703", "1,11,5.0,964982704"];
    await writeFile(path.join(folder, "ratings.csv"), `${rows.join("\n")}\n`);
    await importDirectory(cloud.database, folder);
    await removeFolder(folder);
    await runCycle(cloud.around, silentProgress);

    const stranger = await visit(browser, cloud.api);
    expect(await itemsOnWall(stranger.page)).toHaveLength(2);
    await stranger.end();
    const known = await visit(browser, `${cloud.api}/?user=1`);
    expect(await itemsOnWall(known.page)).toEqual([]);
    expect(await known.page.getByRole("alert").textContent()).not.toBe("");
    await known.end();

    const { page, faults, end } = await openPage(browser, `${cloud.api}/dashboard`);
    await page.locator("#releases tbody tr").first().waitFor();
    expect(await page.locator("#intake > p").textContent()).toContain("2 events in 24 hours");
    expect(await page.locator("#quality > p").textContent()).toContain("1 release; it has");
    expect(await page.locator("#drift > p").textContent()).toContain("Two releases are needed");
    expect(await page.locator("#lag > p").textContent()).toContain("Nothing was measured");
    expect(faults).toEqual([]);
    await end();
  });

  test("one user among many gets a list, whoever they are", async () => {
    await importDirectory(cloud.database, await syntheticRatings(cloud.scratch));
    const { release } = await runCycle(cloud.around, silentProgress, { force: true });
    const served = async () => {
      const response = await fetch(`${cloud.api}/v1/trending`);
      await response.body?.cancel();
      return response.headers.get("usher-release");
    };
    await expect.poll(served).toBe(release);
    const { page, end } = await visit(browser, `${cloud.api}/?user=never-seen`);
    await page.getByRole("heading", { name: "No history of user never-seen: trending" }).waitFor();
    expect(await itemsOnWall(page)).toHaveLength(24);
    await end();
  });

  test("a key that is taken away while the page is open is asked for again", async () => {
    const { page, end } = await openPage(browser, `${cloud.api}/dashboard`);
    await page.locator("#releases tbody tr").first().waitFor();
    const detail = "This API key is not known.";
    await page.route("**/v1/**", (route) => route.fulfill({ status: 401, json: { detail } }));
    await page.getByRole("alert").filter({ hasText: detail }).waitFor();
    expect(await page.locator("#board").isVisible()).toBe(false);
    await page.unroute("**/v1/**");
    await page.getByLabel("An API key").fill("usher_another");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.locator("#releases tbody tr").first().waitFor();
    await end();
  });

  test("a database that is away is named, and what was shown stays", async () => {
    const { page, end } = await openPage(browser, `${cloud.api}/dashboard`);
    await page.locator("#answers .chart").waitFor();
    await cloud.postgres.stop();
    await page.getByRole("alert").filter({ hasText: "database" }).waitFor();
    expect(await page.locator("#answers .chart").isVisible()).toBe(true);
    await end();
    const { page: explore, end: endExplore } = await visit(browser, `${cloud.api}/?user=17`);
    expect(await itemsOnWall(explore)).toHaveLength(24);
    await endExplore();
  });
});
