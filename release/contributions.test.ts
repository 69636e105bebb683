import fc from "fast-check";
import { expect, test } from "vitest";
import { contributions } from "./contributions.ts";
import { encodeProfile } from "./encode.ts";
import { foldIn } from "./foldin.ts";
import { buildModel, ModelView, type ModelWeights } from "./model.ts";

const number = fc.integer({ min: -2000, max: 2000 }).map((value) => value / 1000);
const numbers = (length: number) =>
  fc
    .array(number, { minLength: length, maxLength: length })
    .map((values) => Float32Array.from(values));

/** Small models of any shape, with and without a hidden layer. */
const models: fc.Arbitrary<ModelWeights> = fc
  .tuple(
    fc.integer({ min: 1, max: 6 }),
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 0, max: 5 }),
  )
  .chain(([items, linear, outputs, hidden]) =>
    fc.record({
      items: fc.constant(items),
      dimensions: fc.constant(linear + outputs),
      linear: fc.constant(linear),
      hidden: fc.constant(hidden),
      rows: numbers(items * (linear + outputs)),
      inputs: numbers(items),
      stretch: numbers(linear + outputs),
      centres: numbers(hidden * linear),
      sharpness: fc.float({ min: Math.fround(0.5), max: 3, noNaN: true }),
      mixing: numbers(hidden * outputs),
    }),
  );

const profiles = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 7 }), number.map(Math.abs)), { maxLength: 6 })
  .map((entries) => ({
    items: entries.map(([item]) => item),
    weights: entries.map(([, weight]) => weight),
  }));

test("the contributions of a profile's items and the rest add up to the score", () => {
  fc.assert(
    fc.property(models, profiles, (weights, profile) => {
      const model = ModelView.from(buildModel(weights));
      const scores = new Float32Array(model.items);
      foldIn(model, profile, scores);
      for (let item = 0; item < model.items; item++) {
        const { byItem, rest } = contributions(model, profile, item);
        const sum = byItem.reduce((total, value) => total + value, rest);
        const size = byItem.reduce((total, value) => total + Math.abs(value), Math.abs(rest));
        expect(Math.abs(sum - scores[item]!)).toBeLessThan(1e-3 + 1e-4 * size);
      }
    }),
  );
});

test("an item that the model does not know contributes nothing", () => {
  fc.assert(
    fc.property(models, profiles, (weights, { items, weights: counts }) => {
      const model = ModelView.from(buildModel(weights));
      const known = { items, weights: counts.map((w, at) => (items[at]! < model.items ? w : 0)) };
      expect(encodeProfile(model, { items, weights: counts })).toEqual(encodeProfile(model, known));
      const { byItem } = contributions(model, { items, weights: counts }, 0);
      items.forEach((item, at) => {
        if (item >= model.items) expect(byItem[at]).toBe(0);
      });
    }),
  );
});

test("a hidden unit answers most to a profile that points at its centre", () => {
  const model = ModelView.from(
    buildModel({
      items: 2,
      dimensions: 3,
      linear: 2,
      hidden: 1,
      rows: Float32Array.of(1, 0, 1, 0, 1, 1),
      inputs: Float32Array.of(1, 1),
      stretch: Float32Array.of(1, 1, 1),
      centres: Float32Array.of(1, 0),
      sharpness: 2,
      mixing: Float32Array.of(1),
    }),
  );
  const unit = (item: number) => encodeProfile(model, { items: [item], weights: [1] })[2]!;
  expect(unit(0)).toBeCloseTo(1, 2);
  expect(unit(1)).toBeCloseTo(Math.exp(-2), 2);
});
