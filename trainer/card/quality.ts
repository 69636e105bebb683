/**
 * The part of a card that tells how good the model is: beside others, for whom, and for which items.
 */
import { html } from "hono/html";
import type { EvaluatedModel } from "../evaluation/evaluate.ts";
import type { Metrics } from "../evaluation/summary.ts";
import type { Card } from "./card.ts";
import { bars, differences, figure, type Markup, table } from "./charts.ts";
import { count, decimal, METRIC_NAMES, percent, signed, withInterval } from "./words.ts";

const QUALITY = "ndcg@100";

/** Every model that was measured, best first. */
export function comparison({ evaluation, model }: Card): Markup {
  const models = [...evaluation.models].sort((a, b) => quality(b) - quality(a));
  if (models.length === 0) return html`<p>There were too few users to measure anything.</p>`;
  return html`<p>NDCG@100 of ${count(evaluation.protocol.heldOutUsers)} users the models had never
seen: four fifths of what each did were folded in, the last fifth was to be found. Whiskers are 95 %
intervals over users. The differences compare user by user, which is sharper: a whisker that leaves out
0 tells two models apart.</p>
<div class="grid wide">
${figure(
  "NDCG@100, higher is better",
  bars(
    models.map(({ name, chosen, metrics }) => ({
      label: name,
      value: metrics[QUALITY]?.mean ?? 0,
      interval: metrics[QUALITY]?.ci95,
      text: decimal(metrics[QUALITY]?.mean ?? 0, 3),
      emphasised: chosen === true,
    })),
    "NDCG@100 of every model",
  ),
  table(
    ["model", "NDCG@100"],
    models.map(({ name, metrics }) => [name, withInterval(metrics[QUALITY])]),
  ),
)}
${differenceChart(models, model.name)}
</div>
<details><summary>Every metric of every model</summary>${metricTable(models)}</details>`;
}

function differenceChart(models: readonly EvaluatedModel[], chosen: string): Markup {
  const rows = models.flatMap(({ name, vsChosen }) => {
    const paired = vsChosen?.[QUALITY];
    return paired === undefined ? [] : [{ name, ...paired }];
  });
  if (rows.length === 0) return html``;
  return figure(
    `NDCG@100 against ${chosen}, user by user`,
    differences(
      rows.map(({ name, mean, ci95 }) => ({
        label: name,
        mean,
        interval: ci95,
        text: signed(mean, 3),
      })),
      `Paired differences to ${chosen}`,
    ),
    table(
      ["model", "difference", "from", "to"],
      rows.map(({ name, mean, ci95 }) => [name, signed(mean), signed(ci95[0]), signed(ci95[1])]),
    ),
  );
}

function metricTable(models: readonly EvaluatedModel[]): Markup {
  const names = Object.keys(METRIC_NAMES).filter((name) =>
    models.some(({ metrics }) => name in metrics),
  );
  return table(
    ["model", ...names.map((name) => METRIC_NAMES[name]!), "fit (s)"],
    models.map(({ name, metrics, fitSeconds }) => [
      name,
      ...names.map((metric) => withInterval(metrics[metric])),
      fitSeconds.toFixed(1),
    ]),
  );
}

/** The release that served before, metric by metric. */
export function againstPrevious({ previous, evaluation }: Card): Markup {
  const now = chosenOf(evaluation.models)?.metrics;
  if (previous === null || now === undefined) return html``;
  const names = Object.keys(METRIC_NAMES).filter((name) => name in now && name in previous.metrics);
  if (names.length === 0) return html``;
  return html`<h2>Beside the release it replaces</h2>
<p>${previous.release}, as it was measured when it was trained, on the data of then.</p>
${table(
  ["metric", "this release", previous.release, "change"],
  names.map((name) => [
    METRIC_NAMES[name]!,
    withInterval(now[name]),
    withInterval(previous.metrics[name]),
    signed(now[name]!.mean - previous.metrics[name]!.mean),
  ]),
)}`;
}

/** Users by activity and items by popularity: small charts on one scale. */
export function groups({ evaluation }: Card): Markup {
  const models = [...evaluation.models]
    .filter(({ kind, chosen }) => kind === "baseline" || chosen === true)
    .sort((a, b) => quality(b) - quality(a));
  const first = chosenOf(models)?.groups;
  if (first === undefined) return html``;
  const activity = chartsOf(
    models,
    first.activity.map(({ activity: name, from, to, users }, at) => ({
      heading: `${name} users: ${from} to ${to} items known (${count(users)} users)`,
      metrics: (model) => model.groups.activity[at]?.metrics[QUALITY],
    })),
    "NDCG@100",
  );
  const popularity = chartsOf(
    models,
    first.popularity.map(({ tier, items, users }, at) => ({
      heading: `${tier}: ${count(items)} items (${count(users)} users chose some)`,
      metrics: (model) => model.groups.popularity[at]?.metrics["recall@50"],
    })),
    "recall@50",
  );
  return html`<h2>For whom it works</h2>
<p>NDCG@100 in thirds of the test users, by how much is known of them.</p>
<div class="grid">${activity}</div>
<h2>Which items it finds</h2>
<p>Recall@50 within the head (the most popular items, half of all interactions), the middle (the next
30 %) and the tail (the rest). Of what this model shows in its first 20, ${first.popularity
    .map(({ tier, share }) => `${percent(share)} is ${tier}`)
    .join(", ")}.</p>
<div class="grid">${popularity}</div>`;
}

interface GroupChart {
  heading: string;
  metrics: (model: EvaluatedModel) => Metrics[string] | undefined;
}

/** One chart a group, all on the scale of the largest. */
function chartsOf(
  models: readonly EvaluatedModel[],
  charts: readonly GroupChart[],
  metric: string,
): Markup[] {
  const ends = charts.flatMap(({ metrics }) => models.map((model) => metrics(model)?.ci95[1] ?? 0));
  const most = Math.max(0, ...ends);
  return charts.map(({ heading, metrics }) =>
    figure(
      heading,
      bars(
        models.map((model) => ({
          label: model.name,
          value: metrics(model)?.mean ?? 0,
          interval: metrics(model)?.ci95,
          text: decimal(metrics(model)?.mean ?? 0, 3),
          emphasised: model.chosen === true,
        })),
        `${metric}, ${heading}`,
        most,
      ),
      table(
        ["model", metric],
        models.map((model) => [model.name, withInterval(metrics(model))]),
      ),
    ),
  );
}

/** The model that the release ships, as it was measured. */
export function chosenOf(models: readonly EvaluatedModel[]): EvaluatedModel | undefined {
  return models.find(({ chosen }) => chosen === true);
}

function quality({ metrics }: EvaluatedModel): number {
  return metrics[QUALITY]?.mean ?? 0;
}
