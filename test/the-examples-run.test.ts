/** The examples of examples/, each run as its README says. */
import { type ExecFileException, execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCycle } from "../bin/cycle.ts";
import { silentProgress } from "../bin/progress.ts";
import { Usher } from "../client/index.ts";
import { shop } from "../examples/shop/shop.ts";
import { readRunning } from "../local/home.ts";
import { importDirectory } from "../trainer/import/import-directory.ts";
import { chromiumPath, startBrowser } from "./browser.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "./cloud.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const example = (name: string) => path.join(root, "examples", name);

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
  await importDirectory(cloud.database, await syntheticRatings(cloud.scratch));
  await runCycle(cloud.around, silentProgress);
});
afterAll(() => cloud?.stop());

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly failed: ExecFileException | null;
}

function run(command: string, args: string[], env: Record<string, string> = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { cwd: root, env: { ...process.env, USHER_API: cloud.api, ...env } };
    execFile(command, args, options, (failed, stdout, stderr) => {
      resolve({ failed, stdout, stderr });
    });
  });
}

async function storedOf(userId: string): Promise<Record<string, unknown>[]> {
  const query = "select * from events where user_id = $1 order by occurred_at";
  return (await cloud.database.pool.query(query, [userId])).rows;
}

test("backend: a file of orders is sent in batches; the second time nothing changes", async () => {
  const orders = Array.from({ length: 2_500 }, (_, order) => ({
    ...{ order: `o${order}`, customer: `c${order % 40}`, product: `${order % 30}` },
    at: new Date(1_700_000_000_000 + order).toISOString(),
  }));
  const bad = { order: "bad", customer: "", product: "1", at: "2024-01-01" };
  const file = path.join(cloud.scratch, "orders.ndjson");
  await writeFile(file, [...orders, bad].map((order) => `${JSON.stringify(order)}\n`).join(""));
  const args = [example("backend/send-orders.ts"), file];
  const first = await run(process.execPath, args);
  expect(JSON.parse(first.stdout)).toEqual({ accepted: 2_500, duplicate: 0, rejected: 1 });
  expect(first.stderr).toContain("userId");
  const again = await run(process.execPath, args);
  expect(JSON.parse(again.stdout)).toMatchObject({ rejected: 1 });
  const expected = orders.filter(({ customer }) => customer === "c7").length;
  while ((await storedOf("c7")).length < expected) await sleep(100);
  expect(await storedOf("c7")).toHaveLength(expected);
});

test("shop: a purchase changes the row of the very next page", async () => {
  const usher = new Usher({ url: cloud.api, batchMs: 20 });
  const app = shop(usher);
  const first = await app.request("/");
  const cookie = first.headers.get("set-cookie")!.split(";")[0]!;
  const home = async () => (await app.request("/", { headers: { cookie } })).text();
  expect(await home()).toContain("Popular now");

  const [item] = (await usher.search("", { limit: 1 })).items;
  const product = await (
    await app.request(`/products/${item!.id}`, { headers: { cookie } })
  ).text();
  expect(product).toContain("More like this");
  const bought = await app.request(`/products/${item!.id}/buy`, {
    ...{ method: "POST", headers: { cookie } },
  });
  expect([bought.status, bought.headers.get("location")]).toEqual([302, "/"]);
  const after = await home();
  expect(after).toContain("For you");
  expect(after).not.toContain(`/products/${item!.id}"`);
});

describe.runIf(await hasPsql())("postgres", () => {
  test("a table of orders becomes events, once each, however often it runs", async () => {
    const running = (await readRunning(cloud.home))!;
    const { pool } = cloud.database;
    await pool.query(
      "create table orders (id bigint, customer_id text, product_id text, ordered_at timestamptz, cancelled bool)",
    );
    await pool.query(
      `insert into orders values (1, 'ada, of Linz', '7', '2024-05-01T10:00:00Z', false),
       (2, 'ada, of Linz', '8', '2024-05-02T10:00:00Z', true), (3, '', '7', now(), false)`,
    );
    const script = example("postgres/import.sh");
    const env = { SHOP_DATABASE: running.databaseUrl };
    const args = [script, "--home", cloud.home.root, "--json"];
    const { stdout, stderr } = await run("sh", args, env);
    expect(stdout, stderr).not.toBe("");
    expect(JSON.parse(stdout)).toMatchObject({ rows: 1, inserted: 1, quarantined: 1 });
    expect(await storedOf("ada, of Linz")).toMatchObject([
      {
        event_id: "order-1",
        item_id: "7",
        type: "play",
        occurred_at: new Date("2024-05-01T10:00Z"),
      },
    ]);
    expect(JSON.parse((await run("sh", args, env)).stdout)).toMatchObject({ inserted: 0 });
    await pool.query("drop table orders");
  });
});

describe.skipIf(chromiumPath === null)("widget", () => {
  let site: Server;
  afterAll(() => site?.close());

  test("a click makes the shelf the visitor's own, and it stays so on the next visit", async () => {
    const file = await readFile(example("widget/index.html"), "utf8");
    expect(file).toContain("http://127.0.0.1:8787");
    const html = file.replaceAll("http://127.0.0.1:8787", cloud.api);
    site = createServer((_, answer) => answer.setHeader("content-type", "text/html").end(html));
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
    const browser = await startBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
      const cards = page.locator("usher-shelf button");
      await cards.first().waitFor();
      expect(await cards.count()).toBe(8);
      const liked = (await cards.first().textContent())!;
      await cards.first().click();
      const reason = page.locator("usher-shelf small").first();
      expect(await reason.textContent()).toContain(liked);
      expect(await cards.allTextContents()).not.toContain(liked);
      await page.reload();
      expect(await reason.textContent()).toContain(liked);
    } finally {
      await browser.close();
    }
  });
});

/** PostgreSQL's own client is not part of the npm package that brings the server. */
function hasPsql(): Promise<boolean> {
  return new Promise((resolve) => execFile("psql", ["--version"], (error) => resolve(!error)));
}
