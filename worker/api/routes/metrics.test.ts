import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCycle } from "../../../bin/cycle.ts";
import { silentProgress } from "../../../bin/progress.ts";
import { REFUSED_KEY, STAGED_KEY } from "../../../release/keys.ts";
import { startTestCloud, syntheticRatings, type TestCloud } from "../../../test/cloud.ts";
import { importDirectory } from "../../../trainer/import/import-directory.ts";

const sha256 = (key: string) => createHash("sha256").update(key).digest("hex");
const API_KEYS = JSON.stringify([
  { name: "prometheus", sha256: sha256("usher_operator"), scopes: ["operate"] },
  { name: "shop", sha256: sha256("usher_shop"), scopes: ["events", "read"] },
]);

let cloud: TestCloud;
let release: string;
beforeAll(async () => {
  cloud = await startTestCloud({ vars: { API_KEYS, TRAFFIC_FLUSH_SECONDS: "1" } });
  const shape = { users: 60, items: 80, ratingsPerUser: 20 };
  await importDirectory(cloud.database, await syntheticRatings(cloud.scratch, shape));
  ({ release } = await runCycle(cloud.around, silentProgress));
});
afterAll(() => cloud?.stop());

function scrape(key: string) {
  return fetch(`${cloud.api}/metrics`, { headers: { authorization: `Bearer ${key}` } });
}

/** Values by name and labels, as Prometheus would read them; a line that it would not fails. */
async function scraped(): Promise<Map<string, number>> {
  const text = await (await scrape("usher_operator")).text();
  const lines = text.trimEnd().split("\n");
  const values = new Map<string, number>();
  const typed = new Set<string>();
  for (const line of lines) {
    const type = /^# TYPE (\w+) (?:counter|gauge|histogram)$/.exec(line)?.[1];
    if (type !== undefined) typed.add(type);
    if (line.startsWith("#")) continue;
    const [, series, name, value] =
      /^((\w+)(?:\{(?:\w+="[^"\n]*",?)+\})?) (\S+)$/.exec(line) ?? expect.fail(line);
    expect(typed).toContain(name!.replace(/_(?:bucket|sum|count)$/, ""));
    expect(Number(value)).not.toBeNaN();
    values.set(series!, Number(value));
  }
  return values;
}

/** From whatever source: a machine that is busy may miss a deadline. */
async function answered(): Promise<number> {
  const own = `usher_answers_total{release="${release}",source=`;
  const values = [...(await scraped())].filter(([series]) => series.startsWith(own));
  return values.reduce((sum, [, value]) => sum + value, 0);
}

const PATIENT = { timeout: 20_000 };

test("metrics are for operators alone", async () => {
  expect((await scrape("usher_wrong")).status).toBe(401);
  expect((await scrape("usher_shop")).status).toBe(403);
  const response = await scrape("usher_operator");
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(response.headers.get("cache-control")).toBe("no-store");
});

test("what was answered and taken in is counted, and only ever grows", async () => {
  const askTwice = async () => {
    for (const user of [1, 2]) await (await fetch(`${cloud.api}/recommend/${user}`)).text();
  };
  await askTwice();
  await expect.poll(answered, PATIENT).toBe(2);
  await askTwice();
  await expect.poll(answered, PATIENT).toBe(4);

  const events = [{ userId: "1", itemId: "7", type: "click" }, "no event"];
  const headers = { authorization: "Bearer usher_shop" };
  await fetch(`${cloud.api}/v1/events`, { method: "POST", headers, body: JSON.stringify(events) });
  await expect
    .poll(async () => [...(await scraped())], PATIENT)
    .toEqual(
      expect.arrayContaining([
        ['usher_events_total{verdict="accepted"}', 1],
        ['usher_events_total{verdict="rejected"}', 1],
        [`usher_clicks_total{release="${release}"}`, 1],
      ]),
    );
  const values = await scraped();
  const waits = [...values].filter(([series]) =>
    series.startsWith('usher_wait_seconds_bucket{route="/metrics",le='),
  );
  const counts = waits.map(([, value]) => value);
  expect(waits.at(-1)![0]).toContain('le="+Inf"');
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(counts.at(-1)).toBeGreaterThan(0);
  expect(values.get('usher_wait_seconds_count{route="/metrics"}')).toBe(counts.at(-1));
  const lag = async () => (await scraped()).get("usher_consumer_lag_seconds_count");
  await expect.poll(lag, PATIENT).toBeGreaterThan(0);
});

test("ages, queues and cron runs are told", async () => {
  await cloud.workers.runCron("*/5 * * * *");
  const values = await scraped();
  expect(values.get(`usher_release_share{release="${release}"}`)).toBe(1);
  expect(values.get("usher_dead_letters")).toBe(0);
  expect(values.get("usher_quarantined_rows")).toBe(0);
  expect(values.get('usher_cron_run_failed{run="trending"}')).toBe(0);
  const now = Date.now() / 1000;
  for (const time of [
    "usher_pointer_changed_timestamp_seconds",
    `usher_release_created_timestamp_seconds{release="${release}"}`,
    `usher_dataset_taken_timestamp_seconds{release="${release}"}`,
    "usher_last_event_timestamp_seconds",
    'usher_cron_run_timestamp_seconds{run="trending"}',
  ]) {
    expect(now - values.get(time)!, time).toBeLessThan(600);
    expect(now - values.get(time)!, time).toBeGreaterThan(-5);
  }
});

test("a release that waits and one that was taken back are told", async () => {
  const at = "2026-11-24T12:00:00.000Z";
  const put = (key: string, value: unknown) =>
    cloud.around.kv.write([{ key, bytes: new TextEncoder().encode(JSON.stringify(value)) }]);
  await put(STAGED_KEY, { release: "r3", stagedAt: at, verified: 0 });
  await put(REFUSED_KEY, { release: "r2", refusedAt: at, reason: "errors" });
  const values = await scraped();
  const seconds = Date.parse(at) / 1000;
  expect(values.get('usher_release_staged_timestamp_seconds{release="r3"}')).toBe(seconds);
  expect(values.get('usher_release_refused_timestamp_seconds{release="r2"}')).toBe(seconds);
  await cloud.around.kv.delete([STAGED_KEY, REFUSED_KEY]);
});

test("while the database is away, that and what serves is told", async () => {
  await cloud.postgres.stop();
  const values = await scraped();
  expect(values.get("usher_database_up")).toBe(0);
  expect(values.get(`usher_release_share{release="${release}"}`)).toBe(1);
  expect([...values.keys()].filter((name) => name.startsWith("usher_answers"))).toEqual([]);
});
