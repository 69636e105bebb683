/** `npm run screenshots`: takes the pictures in docs/images of the real pages, on synthetic data. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import sharp from "sharp";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { DEFAULT_SHAPE } from "../local/synthetic.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { addDayOfTraffic } from "./a-day-of-traffic.ts";
import {
  chromiumPath,
  type OpenPage,
  openPage,
  PHONE,
  startBrowser,
  type Visit,
  visit,
} from "./browser.ts";
import { startTestCloud, syntheticRatings } from "./cloud.ts";
import { defineSimulated, simulateTraffic } from "./simulated-traffic.ts";

const IMAGES = fileURLToPath(new URL("../docs/images", import.meta.url));
/** A picture that weighs more does not belong into a repository. */
const MOST_BYTES = 200_000;

interface Picture {
  readonly name: string;
  readonly options: BrowserContextOptions;
  readonly prepare: (visitor: Visit) => Promise<void>;
}

const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
const TALL: BrowserContextOptions = { viewport: { width: 1280, height: 1500 } };
const PICTURES: readonly Picture[] = [
  { name: "explore", options: DESK, prepare: rateFive },
  { name: "explore-dark", options: { ...DESK, colorScheme: "dark" }, prepare: openFirst },
  { name: "explore-phone", options: PHONE, prepare: rateFive },
];

await mkdir(IMAGES, { recursive: true });
if (chromiumPath === null) process.exit(1);
const cloud = await startTestCloud();
try {
  await importDirectory(cloud.database, await syntheticRatings(cloud.scratch, DEFAULT_SHAPE));
  await runCycle(cloud.around, silentProgress);
  const browser = await startBrowser();
  for (const picture of PICTURES) await takeExplore(browser, picture);
  await takeDashboard(browser);
  await takeExperiment(browser);
  await browser.close();
} finally {
  await cloud.stop();
}

async function takeExplore(browser: Browser, picture: Picture): Promise<void> {
  const visitor = await visit(browser, cloud.api, picture.options);
  await visitor.page.locator(".chip").first().waitFor();
  await picture.prepare(visitor);
  await take(visitor, picture.name);
}

/** The operators' page with a second release, learned from more ratings, and a day of traffic. */
async function takeDashboard(browser: Browser): Promise<void> {
  await importDirectory(
    cloud.database,
    await syntheticRatings(cloud.scratch, { ...DEFAULT_SHAPE, seed: 2 }),
  );
  const { release } = await runCycle(cloud.around, silentProgress, { force: true });
  await addDayOfTraffic(cloud.database, release);
  const opened = await openPage(browser, `${cloud.api}/dashboard`, TALL);
  await opened.page.locator("#releases tbody tr").nth(1).waitFor();
  await take(opened, "dashboard");
}

/** The results of an experiment after a fortnight of simulated traffic. */
async function takeExperiment(browser: Browser): Promise<void> {
  await defineSimulated(cloud.database, "fresh-lists", "split");
  await simulateTraffic(cloud.database, "fresh-lists", 14);
  const opened = await openPage(browser, `${cloud.api}/experiment?id=fresh-lists`, DESK);
  await opened.page.locator("#effect svg").waitFor();
  await take(opened, "experiment");
}

async function take({ page, end }: OpenPage, name: string): Promise<void> {
  const taken = await page.screenshot();
  await end();
  const image = await sharp(taken).png({ palette: true, effort: 10 }).toBuffer();
  if (image.length > MOST_BYTES) {
    throw new Error(`${name}.png would have ${image.length} bytes, more than ${MOST_BYTES}.`);
  }
  await writeFile(path.join(IMAGES, `${name}.png`), image);
  console.log(`docs/images/${name}.png: ${image.length} bytes`);
}

async function rateFive({ page, settled }: Visit): Promise<void> {
  const chip = page.getByRole("button", { name: "Sci-Fi", exact: true });
  await chip.click();
  await settled();
  for (const stars of [5, 4, 2, 4]) await rateFirst(page, stars, settled);
  await chip.click();
  await settled();
  // With one more on the whole wall, its cards say how they moved.
  await rateFirst(page, 5, settled);
  await page.mouse.move(0, 0);
  await page.evaluate("document.activeElement.blur()");
}

async function openFirst(visitor: Visit): Promise<void> {
  await rateFive(visitor);
  await visitor.page.locator("#wall .poster").first().click();
  await visitor.page.locator(".similar .poster").first().waitFor();
}

async function rateFirst(page: Page, stars: number, settled: () => Promise<void>): Promise<void> {
  const card = page.locator("#wall > li").first();
  await card.getByRole("button", { name: `${stars} of 5 stars` }).click();
  await settled();
}
