import { expect, test } from "vitest";
import type { EvaluatedModel, Evaluation } from "../trainer/evaluation/evaluate.ts";
import { formatEvaluation } from "./evaluation-table.ts";

function model(name: string, ndcg: number, more: Partial<EvaluatedModel> = {}): EvaluatedModel {
  const interval = { mean: ndcg, ci95: [ndcg - 0.01, ndcg + 0.01] as [number, number] };
  return {
    name,
    kind: "baseline",
    fitSeconds: 1.23,
    searchSeconds: 0,
    settings: {},
    metrics: { "ndcg@100": interval, "recall@50": interval },
    groups: {
      activity: [
        { activity: "light", from: 4, to: 30, users: 9, metrics: { "ndcg@100": interval } },
      ],
      popularity: [
        { tier: "tail", items: 1200, users: 9, share: 0.1, metrics: { "recall@50": interval } },
      ],
    },
    ...more,
  };
}

function evaluation(models: EvaluatedModel[]): Evaluation {
  return {
    dataset: { users: 1234, items: 5678, interactions: 91011 },
    protocol: { split: "strong", seeds: [1, 2], heldOutUsers: 100 },
    models,
  };
}

const worse = { "ndcg@100": { mean: -0.2, ci95: [-0.22, -0.18] as [number, number] } };
const alike = { "ndcg@100": { mean: 0.001, ci95: [-0.01, 0.012] as [number, number] } };
const text = formatEvaluation(
  evaluation([
    model("popularity", 0.2005, { vsChosen: worse }),
    model("neural", 0.399, { chosen: true }),
    model("ease", 0.401, { vsChosen: alike }),
  ]),
);

test("models come best first, the chosen one marked, bars as long as their quality", () => {
  const rows = text.split("\n").filter((line) => line.includes("█"));
  expect(rows.map((row) => row.split(/\s{2,}/)[0])).toEqual(["ease", "neural *", "popularity"]);
  const bars = rows.map((row) => /[█▏▎▍▌▋▊▉]+/.exec(row)![0]);
  expect(bars).toEqual(["█".repeat(24), `${"█".repeat(23)}▉`, "█".repeat(12)]);
});

test("a difference that the interval does not tell from 0 says so", () => {
  expect(text).toMatch(/−0.2000 \[−0.2200, −0.1800\] {2}/);
  expect(text).toContain("+0.0010 [−0.0100, +0.0120] ~");
});

test("a single test user gives no interval, and no difference that counts", () => {
  const one = (mean: number) => ({
    "ndcg@100": { mean, ci95: [mean, mean] as [number, number] },
  });
  const alone = formatEvaluation(
    evaluation([
      model("neural", 0.4, { chosen: true, metrics: one(0.4) }),
      model("ease", 0.2, { metrics: one(0.2), vsChosen: one(-0.2) }),
    ]),
  );
  expect(alone).toMatch(/−0\.2000 ~/);
  expect(alone).not.toMatch(/\[|0\.0000/);
});

test("data, protocol and groups are told", () => {
  expect(text).toContain("1,234 users, 5,678 items, 91,011 interactions");
  expect(text).toContain("strong split, seeds 1, 2, 100 test users a seed");
  expect(text).toContain("light 4–30");
  expect(text).toContain("tail (1,200)");
});

test("without the chosen model there is nothing to compare with", () => {
  const alone = formatEvaluation(evaluation([model("ease", 0.4)]));
  expect(alone).not.toContain("against");
  expect(alone).not.toContain("*");
});

test("errors of ratings have columns only where some model has them", () => {
  expect(text).not.toContain("RMSE");
  const rmse = { rmse: { mean: 0.912, ci95: [0.9, 0.92] as [number, number] } };
  const withErrors = formatEvaluation(
    evaluation([model("svd", 0.1, { metrics: rmse }), model("ease", 0.4)]),
  );
  expect(withErrors).toContain("RMSE");
  expect(withErrors).toContain("0.912");
});

test("all models at zero, or none, give a table without NaN", () => {
  expect(formatEvaluation(evaluation([model("popularity", 0)]))).not.toContain("NaN");
  expect(formatEvaluation(evaluation([]))).not.toMatch(/NaN|Infinity/);
});
