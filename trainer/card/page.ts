/**
 * A model card as one HTML page that needs nothing else: no script, no font, no request.
 */
import { html, raw } from "hono/html";
import type { Card } from "./card.ts";
import { type Markup, table } from "./charts.ts";
import { cleaning, data, learning } from "./data.ts";
import type { Example } from "./examples.ts";
import { againstPrevious, chosenOf, comparison, groups } from "./quality.ts";
import { STYLE } from "./style.ts";
import { count, decimal, percent } from "./words.ts";

/** The whole page. */
export async function cardPage(card: Card): Promise<string> {
  const title = card.release === null ? "A refused model" : `Release ${card.release}`;
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<span class="soft">${card.model.name}, trained ${card.createdAt.slice(0, 16).replace("T", " ")} UTC</span>
${verdict(card)}
${tiles(card)}
</header>
<main>
<h2>How good it is</h2>
${comparison(card)}
${againstPrevious(card)}
${groups(card)}
<h2>What people would see</h2>
${examples(card.examples)}
<h2>How it learned</h2>
${learning(card)}
<h2>What it learned from</h2>
${data(card)}
<h2>What was left out</h2>
${cleaning(card)}
<h2>Where it comes from</h2>
${provenance(card)}
</main>
</body>
</html>
`;
  return page.toString();
}

function verdict({ gate }: Card): Markup {
  const outcome = gate.passed
    ? "Passed the gate"
    : gate.forced
      ? "Refused by the gate, and forced"
      : "Refused by the gate";
  const sentences = [...gate.reasons, ...(gate.notes ?? [])];
  return html`<div class="verdict${gate.passed ? "" : " refused"}"><p><b>${outcome}.</b>
${sentences.join(" ")}</p></div>`;
}

function tiles(card: Card): Markup {
  const { dataset, evaluation } = card;
  const metrics = chosenOf(evaluation.models)?.metrics ?? {};
  const tile = (name: string, value: string) =>
    html`<li><b>${value}</b><small>${name}</small></li>`;
  const ndcg = metrics["ndcg@100"];
  const recall = metrics["recall@50"];
  const coverage = metrics["coverage@20"];
  return html`<ul class="tiles">
${ndcg === undefined ? "" : tile("NDCG@100", decimal(ndcg.mean, 3))}
${recall === undefined ? "" : tile("recall@50", decimal(recall.mean, 3))}
${coverage === undefined ? "" : tile("of items shown", percent(coverage.mean))}
${tile("users", count(dataset.users))}
${tile("items", count(dataset.items))}
${tile("interactions", count(dataset.interactions))}
</ul>`;
}

function examples(all: readonly Example[]): Markup {
  if (all.length === 0) return html`<p>Nobody has seen few enough items to be shown any.</p>`;
  return html`<p>Four of the users, from little to very active: what they liked best, and the first of
their list.</p>
<div class="grid wide">${all.map(example)}</div>`;
}

function example({ interactions, liked, list }: Example): Markup {
  return html`<section class="example">
<h3>Somebody with ${count(interactions)} ${interactions === 1 ? "interaction" : "interactions"}</h3>
<h4>liked</h4>
<ul>${liked.map(
    ({ title, rating }) => html`<li>${title}
${rating === null ? "" : html`<span class="stars" aria-label="${rating} of 5 stars">${stars(rating)}</span>`}</li>`,
  )}</ul>
<h4>would be shown</h4>
<ol>${list.map(({ title, categories }) => html`<li>${title} <small>${categories.slice(0, 3).join(", ")}</small></li>`)}</ol>
</section>`;
}

function stars(rating: number): string {
  return "★".repeat(Math.floor(rating)) + (rating % 1 >= 0.5 ? "½" : "");
}

function provenance({ dataset, model, code, evaluation }: Card): Markup {
  const settings = Object.entries(model.settings).map(([name, value]) => `${name} ${value}`);
  return table(
    ["", ""],
    [
      ["dataset", dataset.hash],
      [
        "watermark",
        dataset.watermark === null ? "none: it came from files" : `event ${dataset.watermark}`,
      ],
      ["settings", settings.join(", ")],
      [
        "evaluation",
        `${evaluation.protocol.split} split, seed ${evaluation.protocol.seeds.join(", ")}`,
      ],
      ["code", code],
    ],
  );
}
