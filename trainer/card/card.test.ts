import { expect, test } from "vitest";
import { assess } from "../assess.ts";
import type { Dataset } from "../dataset.ts";
import { buildDataset } from "../dataset.ts";
import { tasteDataset, tasteEvents } from "../fixtures/tastes.ts";
import { CHOSEN_MODEL, createModel } from "../models/registry.ts";
import { interactionWeights } from "../weights.ts";
import { type Card, makeCard } from "./card.ts";
import { exampleLists } from "./examples.ts";
import { cardPage } from "./page.ts";

const HOSTILE = `</title><script>alert("1")</script>`;
const items = new Map(
  Array.from({ length: 60 }, (_, n) => [
    `i${n}`,
    { title: `${HOSTILE} ${n}`, categories: ["<b>"] },
  ]),
);

async function cardOf(
  dataset: Dataset,
  previous: Card["previous"] = null,
  name = CHOSEN_MODEL,
): Promise<Card> {
  const model = createModel(name);
  const assessment = await assess({
    dataset,
    model,
    baselines: ["popularity", "item-knn"],
    seed: 1,
    heldOutUsers: 500,
    force: false,
  });
  const profiles = interactionWeights(dataset);
  await model.fit(profiles, { seed: 1, epochs: 3 });
  const examples = exampleLists(model, dataset, profiles, items);
  const facts = {
    code: "0.1.0",
    model: { name: model.name, kind: "linear", dimensions: 2, settings: model.settings() },
    gate: assessment.verdict,
  };
  model.dispose();
  return {
    ...makeCard({ facts, dataset, assessment, previous, examples }),
    release: "20260304-120005-abcdef01",
    createdAt: "2026-03-04T12:00:05.678Z",
  };
}

const dataset = await tasteDataset();
const before = {
  release: "r0",
  metrics: { "ndcg@100": { mean: 0.1, ci95: [0.05, 0.15] as [number, number] } },
};
const card = await cardOf(dataset, before, "linear-autoencoder");
const page = await cardPage(card);

test("a page needs nothing but itself", () => {
  for (const outside of [
    "<script",
    "<link",
    "<img",
    "<iframe",
    "src=",
    "url(",
    "@import",
    "http",
  ]) {
    expect(page).not.toContain(outside);
  }
  expect(page).toContain("prefers-color-scheme: dark");
  expect(page).toContain('name="viewport"');
});

test("titles are text, whatever they hold", () => {
  expect(card.examples[0]!.list[0]!.title).toContain(HOSTILE);
  expect(page).toContain("&lt;/title&gt;&lt;script&gt;");
  expect(page).not.toContain('alert("1")');
  expect(page).not.toContain("<b><");
});

test("every chart can be read as a table", () => {
  const figures = page.match(/<figure>[\s\S]*?<\/figure>/g)!;
  expect(figures.length).toBeGreaterThan(10);
  for (const one of figures) {
    expect(one).toMatch(/<svg[^>]+role="img" aria-label="[^"]+"/);
    expect(one).toMatch(/<details>[\s\S]*<table>[\s\S]*<td/);
  }
  expect(page.match(/<svg/g)).toHaveLength(figures.length);
});

test("models, groups, the release before, curves and cleaning are on it", () => {
  for (const text of [
    "item-knn",
    "light users",
    "tail:",
    "r0",
    "Loss on the training",
    "the latest of one user",
  ]) {
    expect(page).toContain(text);
  }
});

test("nobody is named, and nobody is shown what they have seen", () => {
  for (const userId of dataset.userIds) expect(page).not.toContain(`>${userId}<`);
  for (const { liked, list } of card.examples) {
    const seen = new Set(liked.map(({ title }) => title));
    expect(list.length).toBeGreaterThan(0);
    for (const { title } of list) expect(seen).not.toContain(title);
  }
});

test("what was liked comes highest rated first", () => {
  for (const { liked } of card.examples) {
    const ratings = liked.map(({ rating }) => rating!);
    expect(ratings).toEqual([...ratings].sort((a, b) => b - a));
  }
});

test("implicit interest has neither stars nor a chart of ratings", async () => {
  const views = tasteEvents().map((event) => ({
    ...event,
    type: "view",
    value: null,
    occurredAt: 0,
  }));
  const implicit = await cardPage(await cardOf(await buildDataset([views])));
  expect(implicit).not.toContain("★");
  expect(implicit).not.toContain("How often each rating was given");
  expect(implicit).not.toMatch(/NaN|undefined|Infinity|1970/);
});

test("a closed form has no curve, and the card says so", async () => {
  const solved = await cardPage(await cardOf(dataset, null, "radial-autoencoder"));
  expect(solved).toContain("solved in closed form");
  expect(solved).not.toMatch(/NaN|undefined|Infinity/);
});

test("a model that could not be measured has a card that says so", async () => {
  const unmeasured = await cardPage(await cardOf(await tasteDataset({ users: 3, perUser: 4 })));
  expect(unmeasured).toContain("was not measured");
  expect(unmeasured).toContain("too few users to measure anything");
  expect(unmeasured).not.toMatch(/NaN|undefined|Infinity/);
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});
