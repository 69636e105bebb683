import { expect, test } from "vitest";
import { buildDataset } from "../dataset.ts";
import { tasteDataset, tasteEvents } from "../fixtures/tastes.ts";
import { CHOSEN_MODEL, MODEL_NAMES } from "../models/registry.ts";
import { seededRandom } from "../random.ts";
import { evaluate } from "./evaluate.ts";

const dataset = await tasteDataset();
const report = await evaluate(dataset, { seeds: [1, 2] });
const byName = new Map(report.models.map((model) => [model.name, model]));

test("the report has the documented shape", () => {
  expect(report.dataset).toEqual({
    users: dataset.userIds.length,
    items: dataset.itemIds.length,
    interactions: dataset.matrix.indices.length,
  });
  expect(report.protocol).toEqual({ split: "strong", seeds: [1, 2], heldOutUsers: 24 });
  expect(report.models.map(({ name }) => name)).toEqual(MODEL_NAMES);
  expect(byName.get("popularity")).toMatchObject({ kind: "baseline" });
  expect(byName.get(CHOSEN_MODEL)).toMatchObject({ kind: "neural", chosen: true });
  for (const { metrics, fitSeconds } of report.models) {
    expect(fitSeconds).toBeGreaterThanOrEqual(0);
    for (const name of ["ndcg@100", "ndcg@10", "recall@20", "recall@50", "coverage@20"]) {
      const { mean, ci95 } = metrics[name]!;
      expect(ci95[0]).toBeLessThanOrEqual(mean);
      expect(ci95[1]).toBeGreaterThanOrEqual(mean);
    }
  }
});

test("every model but the chosen one is compared with it user by user", () => {
  const chosen = byName.get(CHOSEN_MODEL)!;
  expect(chosen.vsChosen).toBeUndefined();
  const { metrics, vsChosen } = byName.get("popularity")!;
  const difference = metrics["ndcg@100"]!.mean - chosen.metrics["ndcg@100"]!.mean;
  expect(vsChosen!["ndcg@100"]!.mean).toBeCloseTo(difference, 10);
  expect(vsChosen!["ndcg@100"]!.ci95[1]).toBeLessThan(0);
});

test("models of ratings, and they alone, have RMSE and MAE", () => {
  for (const { name, metrics } of report.models) {
    expect(metrics["rmse"] !== undefined).toBe(["svd", "bias"].includes(name));
    expect(metrics["mae"] !== undefined).toBe(["svd", "bias"].includes(name));
  }
});

test("groups of users add up to all of them, and shares of items to one", () => {
  const { activity, popularity } = byName.get("ease")!.groups;
  const users = activity.reduce((sum, row) => sum + row.users, 0);
  expect(users).toBeGreaterThan(24);
  expect(users).toBeLessThanOrEqual(48);
  expect(popularity.reduce((sum, row) => sum + row.share, 0)).toBeCloseTo(1, 10);
  expect(popularity.reduce((sum, row) => sum + row.items, 0)).toBe(60);
});

test("the same seeds give the same figures", async () => {
  const metrics = async () =>
    (await evaluate(dataset, { models: [CHOSEN_MODEL] })).models[0]!.metrics;
  expect(await metrics()).toEqual(await metrics());
});

test("a temporal split measures the future of known users", async () => {
  // Everybody's interactions lie spread over all the time there is.
  const random = seededRandom(2);
  const events = tasteEvents().map((event) => ({ ...event, occurredAt: 1.6e12 + 1e10 * random() }));
  const spread = await buildDataset([events]);
  const { protocol, models } = await evaluate(spread, {
    split: "temporal",
    models: ["popularity", "ease"],
  });
  expect(protocol.split).toBe("temporal");
  expect(protocol.heldOutUsers).toBeGreaterThan(50);
  const [popularity, ease] = models.map(({ metrics }) => metrics["ndcg@100"]!.mean);
  expect(ease).toBeGreaterThan(1.2 * popularity!);
});

test("without ratings, models of ratings are left out, and refused when asked for", async () => {
  const views = tasteEvents().map((event) => ({ ...event, type: "view", value: null }));
  const implicit = await buildDataset([views]);
  const { models } = await evaluate(implicit);
  expect(models.map(({ name }) => name)).not.toContain("svd");
  await expect(evaluate(implicit, { models: ["svd"] })).rejects.toThrow(/svd learns from ratings/);
});

test("no seeds, or an unknown model, are refused", async () => {
  await expect(evaluate(dataset, { seeds: [] })).rejects.toThrow(/at least one seed/);
  await expect(evaluate(dataset, { models: ["oracle"] })).rejects.toThrow(/no model "oracle"/);
});
