/** What the explore page weighs and fetches, and what it says when there is nothing to show. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { chromiumPath, itemsOnWall, startBrowser, visit } from "./browser.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";

const MOST_BYTES = 100_000;

describe.skipIf(chromiumPath === null)("the explore page", () => {
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

  test("says what to do while no release is served, and shows the wall when one is", async () => {
    const { page, settled, end } = await visit(browser, cloud.api);
    const trouble = page.getByRole("alert");
    expect(await trouble.textContent()).toContain("No release has been activated yet.");
    expect(await itemsOnWall(page)).toEqual([]);

    await importDirectory(cloud.database, await syntheticRatings(cloud.scratch));
    await runCycle(cloud.around, silentProgress);
    await trouble.getByRole("button", { name: "Try again" }).click();
    await settled();
    expect(await itemsOnWall(page)).toHaveLength(24);
    expect(await trouble.textContent()).toBe("");
    expect(await page.locator(".chip").count()).toBeGreaterThan(5);
    await end();
  });

  test("weighs less than 100 KB, all that it fetches counted, none of it compressed", async () => {
    const { page, requests, faults, end } = await visit(browser, cloud.api);
    await page.locator(".chip").first().waitFor();
    const bodies = await Promise.all(
      requests.map(async (request) => (await (await request.response())!.body()).length),
    );
    const bytes = bodies.reduce((sum, body) => sum + body, 0);
    console.log(`The first load is ${requests.length} requests and ${bytes} bytes.`);
    expect(bytes).toBeLessThan(MOST_BYTES);
    expect(faults).toEqual([]);
    await end();
  });

  test("names every module in its head, so that none waits for another", async () => {
    const { page, requests, end } = await visit(browser, cloud.api);
    const fetched = requests.map((request) => new URL(request.url()).pathname);
    const scripts = fetched.filter((path) => path.endsWith(".js"));
    const named = await page
      .locator("link[rel=modulepreload], script[src]")
      .evaluateAll((links) =>
        links.map((link) => link.getAttribute("href") ?? link.getAttribute("src")),
      );
    expect([...named].sort()).toEqual([...new Set(scripts)].sort());
    expect(new Set(scripts).size).toBe(scripts.length);
    await end();
  });

  test("lets nothing in that is not its own: no foreign script, style or frame", async () => {
    const response = await fetch(`${cloud.api}/`);
    const policy = response.headers.get("content-security-policy")!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("leaves the service's own routes alone, and hands out no file that is not for browsers", async () => {
    const index = await fetch(`${cloud.api}/v1`);
    expect(((await index.json()) as { service: string }).service).toBe("usher");
    for (const path of ["/tsconfig.json", "/_headers", "/.assetsignore", "/explore/none.js"]) {
      expect((await fetch(cloud.api + path)).status).toBe(404);
    }
  });

  test("says so when the service cannot be reached, and when filters let nothing pass", async () => {
    const { page, settled, end } = await visit(browser, cloud.api);
    await page.locator(".chip").first().waitFor();
    await page.route("**/v1/**", (route) => route.abort());
    await page.locator(".chip").first().click();
    await settled();
    const trouble = page.getByRole("alert");
    expect(await trouble.textContent()).toContain("The service cannot be reached.");
    await page.unroute("**/v1/**");

    await page.route("**/v1/trending**", (route) =>
      route.fulfill({ json: { release: "r", source: "trending", items: [], next: null } }),
    );
    await trouble.getByRole("button", { name: "Try again" }).click();
    await settled();
    expect(await trouble.textContent()).toBe("Nothing passes these filters.");
    await end();
  });

  test("shows what a catalogue says as text, whatever it says", async () => {
    const title = `<img src=x onerror="document.title='taken'">, The`;
    const item = { id: "1", title, categories: ["<b>bold</b>"], score: 1 };
    const { page, settled, end } = await visit(browser, cloud.api);
    await page.route("**/v1/trending**", (route) =>
      route.fulfill({ json: { release: "r", source: "trending", items: [item], next: null } }),
    );
    await page.reload();
    await settled();
    expect(await page.locator(".poster-title").textContent()).toContain("The <img src=x");
    await page.getByRole("button", { name: "<b>bold</b>" }).waitFor();
    expect(await page.title()).toBe("Usher: recommendations from the edge");
    await end();
  });
});
