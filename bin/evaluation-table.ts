import type { Interval } from "../trainer/evaluation/bootstrap.ts";
import type { EvaluatedModel, Evaluation } from "../trainer/evaluation/evaluate.ts";
import type { Metrics } from "../trainer/evaluation/summary.ts";

const QUALITY = "ndcg@100";
const BAR_WIDTH = 24;
/** A bar ends in eighths of a character. */
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** An evaluation as text for a terminal: the best model first, with a bar for each. */
export function formatEvaluation(evaluation: Evaluation): string {
  const { dataset, protocol } = evaluation;
  const models = [...evaluation.models].sort((a, b) => quality(b) - quality(a));
  const seeds = protocol.seeds.length === 1 ? "seed" : "seeds";
  return [
    `${count(dataset.users)} users, ${count(dataset.items)} items, ${count(dataset.interactions)} interactions`,
    `${protocol.split} split, ${seeds} ${protocol.seeds.join(", ")}, ${count(protocol.heldOutUsers)} test users a seed`,
    "",
    ...aligned(qualityTable(models)),
    "",
    ...aligned(metricTable(models)),
    "",
    ...aligned(groupTable(models)),
    "",
    ...notes(models),
  ].join("\n");
}

function qualityTable(models: readonly EvaluatedModel[]): string[][] {
  const best = Math.max(...models.map(quality));
  const compared = models.some(({ vsChosen }) => vsChosen !== undefined);
  return [
    ["model", "NDCG@100", "", "±", ...(compared ? ["against *"] : []), "fit s"],
    ...models.map((model) => [
      nameOf(model),
      figure(model.metrics, QUALITY, 4),
      bar(quality(model), best),
      halfWidth(model.metrics),
      ...(compared ? [difference(model)] : []),
      model.fitSeconds.toFixed(1),
    ]),
  ];
}

/** The other metrics: heading, name in the report, digits. */
const COLUMNS: readonly (readonly [string, string, number])[] = [
  ["NDCG@10", "ndcg@10", 4],
  ["recall@20", "recall@20", 4],
  ["recall@50", "recall@50", 4],
  ["MRR", "mrr@100", 3],
  ["coverage", "coverage@20", 3],
  ["novelty", "novelty@20", 2],
  ["Gini", "gini@20", 3],
  ["RMSE", "rmse", 3],
  ["MAE", "mae", 3],
];

function metricTable(models: readonly EvaluatedModel[]): string[][] {
  const columns = COLUMNS.filter(([, name]) => models.some(({ metrics }) => name in metrics));
  return [
    ["", ...columns.map(([heading]) => heading)],
    ...models.map((model) => [
      nameOf(model),
      ...columns.map(([, name, digits]) => figure(model.metrics, name, digits)),
    ]),
  ];
}

/** NDCG@100 by the activity of users, recall@50 by the popularity of items. */
function groupTable(models: readonly EvaluatedModel[]): string[][] {
  const first = models[0]?.groups;
  if (first === undefined) return [];
  return [
    [
      "NDCG@100, recall@50",
      ...first.activity.map(({ activity, from, to }) => `${activity} ${from}–${to}`),
      ...first.popularity.map(({ tier, items }) => `${tier} (${count(items)})`),
    ],
    ...models.map(({ groups, ...model }) => [
      nameOf(model),
      ...groups.activity.map(({ metrics }) => figure(metrics, QUALITY, 4)),
      ...groups.popularity.map(({ metrics }) => figure(metrics, "recall@50", 4)),
    ]),
  ];
}

function notes(models: readonly EvaluatedModel[]): string[] {
  const lines = [
    "± is half of the 95 % interval over users. The last table has NDCG@100 by the number of items in a",
    "user's profile, and recall@50 by the popularity of items (how many there are of each).",
  ];
  if (models.some(({ chosen }) => chosen === true)) {
    lines.push(
      '* is what a release would ship. "against *" is the paired difference in NDCG@100 and its',
      "95 % interval; ~ where it holds 0 or there is none, so that the two cannot be told apart.",
    );
  }
  return lines;
}

function difference({ vsChosen }: EvaluatedModel): string {
  const paired = vsChosen?.[QUALITY];
  if (paired === undefined) return "";
  const { mean, ci95 } = paired;
  if (!hasWidth(paired)) return `${signed(mean)} ~`;
  const alike = ci95[0] <= 0 && ci95[1] >= 0 ? " ~" : "";
  return `${signed(mean)} [${signed(ci95[0])}, ${signed(ci95[1])}]${alike}`;
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(4)}`;
}

function halfWidth(metrics: Metrics): string {
  const interval = metrics[QUALITY];
  if (interval === undefined || !hasWidth(interval)) return "";
  return ((interval.ci95[1] - interval.ci95[0]) / 2).toFixed(4);
}

/** One user alone tells nothing about others: what was drawn from them has no width, and is no interval. */
function hasWidth({ ci95: [from, to] }: Interval): boolean {
  return from < to;
}

/** A bar of up to 24 characters, `value` as a share of `best`. */
function bar(value: number, best: number): string {
  const eighths = best > 0 ? Math.round((8 * BAR_WIDTH * Math.max(0, value)) / best) : 0;
  return "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!;
}

function nameOf({ name, chosen }: Pick<EvaluatedModel, "name" | "chosen">): string {
  return `${name}${chosen === true ? " *" : ""}`;
}

function quality({ metrics }: EvaluatedModel): number {
  return metrics[QUALITY]?.mean ?? 0;
}

function figure(metrics: Metrics, name: string, digits: number): string {
  return metrics[name]?.mean.toFixed(digits) ?? "";
}

/** Columns padded to their widest cell. */
function aligned(rows: readonly string[][]): string[] {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(width(column)))
      .join("  ")
      .trimEnd(),
  );
}

function count(value: number): string {
  return value.toLocaleString("en");
}
