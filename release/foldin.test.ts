import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeProfile, type Profile } from "./encode.ts";
import { foldIn } from "./foldin.ts";
import { buildModel, linearWeights, ModelView } from "./model.ts";

const ITEMS = 12;
const DIMENSIONS = 4;
const rows = fc.float32Array({
  minLength: ITEMS * DIMENSIONS,
  maxLength: ITEMS * DIMENSIONS,
  noNaN: true,
  min: -1,
  max: 1,
});
const profiles = fc.array(
  fc.record({
    item: fc.nat({ max: ITEMS - 1 }),
    weight: fc.float({ min: 0, max: 2, noNaN: true }),
  }),
  { maxLength: 10 },
);

/** FORMAT.md's two sums, in doubles and without any cleverness. */
function byTheBook(model: ModelView, profile: Profile): number[] {
  const element = (item: number, d: number) =>
    model.rows[item * DIMENSIONS + d]! * model.scales[item]!;
  return Array.from({ length: ITEMS }, (_, item) => {
    let score = 0;
    for (let d = 0; d < DIMENSIONS; d++) {
      let user = 0;
      for (let at = 0; at < profile.items.length; at++) {
        user += profile.weights[at]! * element(profile.items[at]!, d);
      }
      score += user * element(item, d);
    }
    return score;
  });
}

test("scores are what FORMAT.md says they are", () => {
  fc.assert(
    fc.property(rows, profiles, (weights, entries) => {
      const model = ModelView.from(buildModel(linearWeights(weights, DIMENSIONS)));
      const profile = profileOf(entries);
      const scores = new Float32Array(ITEMS).fill(Number.NaN);
      foldIn(model, profile, scores);
      byTheBook(model, profile).forEach((score, item) => {
        expect(scores[item]).toBeCloseTo(score, 3);
      });
    }),
  );
});

test("an item that the model does not know is passed over", () => {
  const model = ModelView.from(buildModel(linearWeights(Float32Array.of(1, 0, 0, 1), 2)));
  const known = { items: [1], weights: [0.5] };
  const withUnknown = { items: [1, 2, 4_000_000], weights: [0.5, 9, 9] };
  expect(encodeProfile(model, withUnknown)).toEqual(encodeProfile(model, known));
});

test("nothing rated gives every item the score 0", () => {
  const model = ModelView.from(buildModel(linearWeights(Float32Array.of(1, 0, 0, 1), 2)));
  const scores = Float32Array.of(5, 5);
  foldIn(model, { items: [], weights: [] }, scores);
  expect([...scores]).toEqual([0, 0]);
});

function profileOf(entries: readonly { item: number; weight: number }[]): Profile {
  return { items: entries.map(({ item }) => item), weights: entries.map(({ weight }) => weight) };
}
