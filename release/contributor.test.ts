import fc from "fast-check";
import { expect, test } from "vitest";
import { contributions, contributor } from "./contributions.ts";
import { noiseModel } from "./fixtures/noise-model.ts";
import { foldIn } from "./foldin.ts";
import { ModelView } from "./model.ts";

const ITEMS = 40;
const model = ModelView.from(noiseModel(ITEMS, { linear: 12, hidden: 9, outputs: 5 }));
const profiles = fc
  .uniqueArray(fc.nat(ITEMS + 3), { maxLength: 12 })
  .map((items) => ({ items, weights: items.map((item) => (item % 4) / 3) }));

test("contributions and rest add up to the score, whatever the profile", () => {
  fc.assert(
    fc.property(profiles, fc.nat(ITEMS - 1), (profile, item) => {
      const scores = new Float32Array(ITEMS);
      foldIn(model, profile, scores);
      const { byItem, rest } = contributions(model, profile, item);
      const sum = byItem.reduce((total, part) => total + part, rest);
      expect(sum).toBeCloseTo(scores[item]!, 3);
    }),
  );
});

test("an item of no weight, or that the model does not know, brings nothing", () => {
  const { byItem } = contributions(model, { items: [4, 5, ITEMS + 1], weights: [0, 1, 1] }, 7);
  expect(byItem[0]).toBeCloseTo(0, 10);
  expect(byItem[1]).not.toBe(0);
  expect(byItem[2]).toBe(0);
});

test("many items of one profile are taken apart as each alone", () => {
  const profile = { items: [1, 8, 30], weights: [1, 0.5, 1] };
  const to = contributor(model, profile);
  for (let item = 0; item < ITEMS; item++) {
    expect(to(item)).toEqual(contributions(model, profile, item));
  }
});
