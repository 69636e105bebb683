import { existsSync } from "node:fs";
import axe from "axe-core";
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Page,
  type Request,
} from "playwright-core";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The Chromium of this machine, or null: then the stories in a browser are passed over. */
export const chromiumPath = findChromium();

function findChromium(): string | null {
  const named = process.env["CHROMIUM_PATH"];
  if (named !== undefined) {
    if (existsSync(named)) return named;
    throw new Error(`CHROMIUM_PATH names ${named}, and there is no such file.`);
  }
  const found = PLACES.find((place) => existsSync(place)) ?? null;
  if (found === null) {
    console.warn(
      "No Chromium on this machine: the stories in a browser are passed over. " +
        "Install one (apt-get install -y chromium) or set CHROMIUM_PATH.",
    );
  }
  return found;
}

/** Starts the browser, without the calls home that it makes by itself. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath!,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page in a browser that nobody used before, and everything it did that it should not. */
export interface OpenPage {
  readonly page: Page;
  /** Errors in the console, uncaught ones, requests to other hosts. */
  readonly faults: readonly string[];
  /** Everything that was fetched, in order. */
  readonly requests: readonly Request[];
  end(): Promise<void>;
}

/** The explore page. */
export interface Visit extends OpenPage {
  /** Waits until the wall shows the answer to what was asked last. */
  settled(): Promise<void>;
}

export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

/** Opens the explore page and waits for its first answer. */
export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const opened = await openPage(browser, url, options);
  const wall = opened.page.locator("#wall[aria-busy=false]");
  const settled = () => wall.waitFor({ state: "attached" });
  await settled();
  return { ...opened, settled };
}

/** Opens a page as somebody who was never here. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
    ...options,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  const requests: Request[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => {
    requests.push(request);
    if (new URL(request.url()).origin !== new URL(url).origin) faults.push(request.url());
  });
  await page.goto(url);
  return { page, faults, requests, end: () => context.close() };
}

/** What axe-core finds against WCAG 2.2 AA and its own best practices: a line for each element. */
export async function accessibilityViolations(page: Page): Promise<string[]> {
  // Evaluated rather than added as a script: the page's own policy allows no foreign script.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>("axe.run()");
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 120)}`),
  );
}

/** Ids of the items on the wall, in order. */
export function itemsOnWall(page: Page): Promise<string[]> {
  return page
    .locator("#wall > [data-item]")
    .evaluateAll((cards) => cards.map((card) => card.getAttribute("data-item")!));
}
