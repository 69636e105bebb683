import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { latencyQuantile } from "../events/latency.ts";
import { startTemporaryDatabase, type TemporaryDatabase } from "../local/temporary-database.ts";
import { ALERTS } from "./alerts.ts";
import { DASHBOARDS, generatedFiles } from "./files.ts";
import { FAULTS, seedWell } from "./fixtures/seeded.ts";
import { expandMacros } from "./macros.ts";
import { percentiles } from "./times.ts";

let temporary: TemporaryDatabase;
beforeAll(async () => {
  temporary = await startTemporaryDatabase();
});
afterAll(() => temporary?.stop());
beforeEach(() => seedWell(temporary.database));

/** Runs a panel's SQL over the last day, as Grafana would. */
async function asked(sql: string): Promise<Record<string, unknown>[]> {
  const expanded = expandMacros(
    sql,
    new Date(Date.now() - 86_400_000),
    new Date(Date.now() + 60_000),
  );
  return (await temporary.database.pool.query(expanded)).rows;
}

const PANELS = DASHBOARDS.flatMap(({ title, panels }) =>
  panels.map((panel) => ({ name: `${title}: ${panel.title}`, panel })),
);

test.each(generatedFiles())("$path is what its description gives: npm run grafana", (file) => {
  expect(readFileSync(new URL(file.path, import.meta.url), "utf8")).toBe(file.text);
});

describe("every panel", () => {
  test.each(PANELS.filter(({ panel }) => panel.source === undefined))(
    "asks the schema what it can answer: $name",
    async ({ panel }) => {
      const rows = await asked(panel.sql);
      expect(rows.length).toBeGreaterThan(0);
      const columns = Object.keys(rows[0]!);
      if (panel.drawn === "time") {
        expect(columns).toEqual(["time", "metric", "value"]);
        expect(rows.some(({ value }) => value !== null)).toBe(true);
      }
      expect(rows.every((row) => Object.values(row).some((value) => value !== null))).toBe(true);
    },
  );

  test("of Analytics Engine names only columns that data points have", () => {
    const edge = PANELS.filter(({ panel }) => panel.source === "analytics");
    expect(edge.length).toBeGreaterThan(0);
    for (const { panel } of edge) {
      for (const [, column] of panel.sql.matchAll(/double(\d+)/g)) {
        expect(Number(column)).toBeLessThanOrEqual(8);
      }
      expect(panel.sql).toContain("_sample_interval");
    }
  });
});

describe("every alert", () => {
  test.each(ALERTS)("is quiet while all is well, and fires when it is not: $uid", async (alert) => {
    const value = async () => {
      const { rows } = await temporary.database.pool.query(alert.sql);
      expect(rows).toHaveLength(1);
      return Number((rows[0] as { value: unknown }).value);
    };
    expect(await value()).toBeLessThanOrEqual(alert.above);
    await temporary.database.pool.query(FAULTS[alert.uid]!);
    expect(await value()).toBeGreaterThan(alert.above);
  });

  test.each(ALERTS)("has nothing to say of an empty database: $uid", async (alert) => {
    await temporary.database.pool.query(
      "truncate metrics_hourly, traffic_flushes, datasets, releases, cron_runs, quarantine, dead_letters cascade",
    );
    const { rows } = await temporary.database.pool.query(alert.sql);
    expect(Number((rows[0] as { value: unknown }).value)).toBe(0);
  });

  test.each(ALERTS)("has its part in the runbook: $uid", ({ uid, sql }) => {
    const runbook = readFileSync(new URL("../docs/operating.md", import.meta.url), "utf8");
    expect(runbook).toContain(`### ${uid}\n`);
    // Grafana would take it for a variable of its environment.
    expect(sql).not.toContain("$");
  });
});

test("percentiles in SQL are those of the operators' page", async () => {
  const buckets = { "1": 3, "20": 5, "50": 2, "500": 40, "+Inf": 1 };
  await temporary.database.pool.query("truncate metrics_hourly");
  for (const [le, count] of Object.entries(buckets)) {
    await temporary.database.pool.query(
      "insert into metrics_hourly values (now(), 'lag_bucket', $1, $2::bigint, $2::bigint, 1, 1)",
      [`le=${le}`, count],
    );
  }
  const rows = await asked(percentiles("lag", "'all'", "true"));
  expect(rows.map(({ value }) => Number(value))).toEqual([
    latencyQuantile(buckets, 0.5),
    latencyQuantile(buckets, 0.99),
  ]);
});

test("macros are expanded as Grafana documents them, and an unknown one is named", () => {
  const [from, to] = [new Date("2026-11-24T00:00:00Z"), new Date("2026-11-25T00:00:00Z")];
  expect(
    expandMacros("select $__timeGroupAlias(hour,'5m') where $__timeFilter(hour)", from, to),
  ).toBe(
    `select floor(extract(epoch from hour)/300)*300 AS "time" where hour BETWEEN ` +
      "'2026-11-24T00:00:00.000Z' AND '2026-11-25T00:00:00.000Z'",
  );
  expect(() => expandMacros("$__interval", from, to)).toThrow("$__interval");
});
