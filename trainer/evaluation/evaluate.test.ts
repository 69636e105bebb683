import { expect, test } from "vitest";
import { tasteDataset } from "../fixtures/tastes.ts";
import { evaluate } from "./evaluate.ts";
import { summarise } from "./measure.ts";

const dataset = await tasteDataset();

test("the report has the documented shape", async () => {
  const report = await evaluate(dataset, { seeds: [1, 2] });
  expect(report.dataset).toEqual({
    users: dataset.userIds.length,
    items: dataset.itemIds.length,
    interactions: dataset.matrix.indices.length,
  });
  expect(report.protocol).toEqual({ split: "strong", seeds: [1, 2], heldOutUsers: 24 });
  expect(report.models.map(({ name, kind, chosen }) => [name, kind, chosen])).toEqual([
    ["popularity", "baseline", undefined],
    ["ease", "baseline", undefined],
    ["linear-autoencoder", "neural", true],
  ]);
  for (const { metrics, fitSeconds } of report.models) {
    expect(fitSeconds).toBeGreaterThanOrEqual(0);
    for (const name of ["ndcg@100", "ndcg@10", "recall@20", "recall@50", "coverage@20"]) {
      const { mean, ci95 } = metrics[name]!;
      expect(ci95[0]).toBeLessThanOrEqual(mean);
      expect(ci95[1]).toBeGreaterThanOrEqual(mean);
    }
  }
});

test("the same seeds give the same figures", async () => {
  const metrics = async () =>
    (await evaluate(dataset, { models: ["linear-autoencoder"] })).models[0]!.metrics;
  expect(await metrics()).toEqual(await metrics());
});

test("several seeds are averaged", () => {
  const one = { perUser: { a: Float64Array.of(0, 1) }, overall: { b: 0.2 } };
  const other = { perUser: { a: Float64Array.of(1, 1) }, overall: { b: 0.4 } };
  const metrics = summarise([one, other], 1);
  expect(metrics["a"]!.mean).toBe(0.75);
  expect(metrics["b"]!.mean).toBeCloseTo(0.3, 12);
  expect(metrics["b"]!.ci95).toEqual([0.2, 0.4]);
});

test("no seeds, or an unknown model, are refused", async () => {
  await expect(evaluate(dataset, { seeds: [] })).rejects.toThrow(/at least one seed/);
  await expect(evaluate(dataset, { models: ["oracle"] })).rejects.toThrow(/no model "oracle"/);
});
