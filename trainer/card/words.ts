/**
 * Figures in words and digits, the same way all over a card.
 */
import type { Interval } from "../evaluation/bootstrap.ts";

/** Metric to its name for people; in the order in which tables show them. */
export const METRIC_NAMES: Readonly<Record<string, string>> = {
  "ndcg@100": "NDCG@100",
  "ndcg@10": "NDCG@10",
  "recall@20": "recall@20",
  "recall@50": "recall@50",
  "mrr@100": "MRR",
  "coverage@20": "coverage",
  "novelty@20": "novelty (bits)",
  "gini@20": "Gini",
  rmse: "RMSE",
  mae: "MAE",
};

export function count(value: number): string {
  return value.toLocaleString("en");
}

export function percent(share: number, digits = 0): string {
  return `${(100 * share).toFixed(digits)} %`;
}

export function decimal(value: number, digits = 4): string {
  return value.toFixed(digits).replace("-", "−");
}

/** With its sign, unless it rounds to 0. */
export function signed(value: number, digits = 4): string {
  const text = decimal(value, digits);
  if (Number(value.toFixed(digits)) === 0) return text.replace("−", "");
  return value < 0 ? text : `+${text}`;
}

/** Mean and half of its interval, where it has one; nothing for a metric that was not measured. */
export function withInterval(interval: Interval | undefined): string {
  if (interval === undefined) return "";
  const { mean, ci95 } = interval;
  if (ci95[0] === ci95[1]) return decimal(mean);
  return `${decimal(mean)} ±${decimal((ci95[1] - ci95[0]) / 2)}`;
}
