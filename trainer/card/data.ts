/**
 * The part of a card that tells what the model learned from: data, cleaning, and the learning itself.
 */
import { html } from "hono/html";
import type { RuleName } from "../cleaning-report.ts";
import type { Card } from "./card.ts";
import { figure, histogram, lineChart, type Markup, table } from "./charts.ts";
import { count, decimal, percent } from "./words.ts";

/** Counts and shapes of the data. */
export function data({ dataset }: Card): Markup {
  const { users, items, interactions, from, to, ratings, activity, concentration } = dataset;
  const share = interactions / Math.max(1, users * items);
  const when = from === null ? "" : ` between ${from} and ${to}`;
  return html`<p>${count(interactions)} interactions of ${count(users)} users with ${count(items)}
items${when}: ${percent(share, 2)} of all pairs.</p>
<div class="grid">
${ratings.length === 0 ? "" : ratingChart(ratings)}
${figure(
  "Users by number of interactions",
  histogram(
    activity.map((bin) => ({ label: `${bin.from}`, count: bin.users })),
    "interactions, up to twice as many",
    "Users by number of interactions",
  ),
  table(
    ["interactions", "users"],
    activity.map((bin) => [`${bin.from}–${bin.to}`, count(bin.users)]),
  ),
)}
${figure(
  "How much of the interest falls on how few items",
  lineChart(
    concentration.map((point) => ({ x: point.items, y: point.interactions })),
    {
      x: { title: "most popular items", format: (value) => percent(value) },
      y: { title: "interactions", format: (value) => percent(value) },
    },
    "Share of interactions by share of items, most popular first",
    { fromZero: true },
  ),
  table(
    ["most popular items", "interactions"],
    concentration.slice(1).map((point) => [percent(point.items), percent(point.interactions, 1)]),
  ),
)}
</div>`;
}

function ratingChart(ratings: Card["dataset"]["ratings"]): Markup {
  const all = ratings.reduce((sum, bin) => sum + bin.count, 0);
  return figure(
    "Ratings",
    histogram(
      ratings.map(({ rating, count: times }) => ({ label: `${rating}`, count: times })),
      "stars",
      "How often each rating was given",
    ),
    table(
      ["stars", "ratings", "share"],
      ratings.map(({ rating, count: times }) => [
        `${rating}`,
        count(times),
        percent(times / all, 1),
      ]),
    ),
  );
}

const RULES: Readonly<Record<RuleName, string>> = {
  type: "says interest: rated, played, clicked or viewed",
  value: "a rating within 0.5 to 5",
  time: "a readable time",
  bot: "not from a user whose traffic no person makes",
  duplicate: "the latest of one user and item",
  removed: "not taken back by the user",
  rare: "users and items with enough interactions",
};

/** The cleaning report, rule by rule. */
export function cleaning({ cleaning: report }: Card): Markup {
  return html`<p>${count(report.seen)} events came in, ${count(report.kept)} were kept.</p>
${table(
  ["what is kept", "seen", "dropped", "share", "for example"],
  report.rules.map(({ rule, seen, dropped, examples }) => [
    RULES[rule],
    count(seen),
    count(dropped),
    percent(seen === 0 ? 0 : dropped / seen, 2),
    examples[0] ?? "",
  ]),
)}`;
}

/** Loss and validation quality, epoch by epoch. */
export function learning({ fit, model }: Card): Markup {
  if (fit === null)
    return html`<p>${model.name} was fitted on all users without being measured.</p>`;
  if (fit.curve.length === 0) {
    return html`<p>${model.name} is solved in closed form, in ${fit.seconds.toFixed(1)} s: there are no epochs
to draw.</p>`;
  }
  const epochs = { title: "epoch", format: (value: number) => `${value}` };
  const kept = fit.curve.find(({ epoch }) => epoch === fit.epochs);
  const measured = fit.curve.flatMap(({ epoch, ndcg100 }) =>
    ndcg100 === null ? [] : [{ x: epoch, y: ndcg100 }],
  );
  const points = table(
    ["epoch", "loss", "NDCG@100"],
    fit.curve.map(({ epoch, loss, ndcg100 }) => [
      `${epoch}`,
      decimal(loss),
      ndcg100 === null ? "" : decimal(ndcg100),
    ]),
  );
  return html`<p>${fit.curve.length} epochs in ${fit.seconds.toFixed(1)} s; the weights after epoch
${fit.epochs} were the best for the validation users. The release was then trained that long on
everybody.</p>
<div class="grid">
${figure(
  "Loss on the training users",
  lineChart(
    fit.curve.map(({ epoch, loss }) => ({ x: epoch, y: loss })),
    { x: epochs, y: { title: "loss", format: significant } },
    "Loss by epoch",
  ),
  points,
)}
${
  measured.length === 0
    ? ""
    : figure(
        "NDCG@100 of the validation users",
        lineChart(
          measured,
          { x: epochs, y: { title: "NDCG@100", format: (value) => decimal(value, 2) } },
          "NDCG@100 by epoch",
          { marked: kept?.ndcg100 == null ? undefined : { x: kept.epoch, y: kept.ndcg100 } },
        ),
        points,
      )
}
</div>`;
}

function significant(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}
