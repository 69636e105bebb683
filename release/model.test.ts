import fc from "fast-check";
import { expect, test } from "vitest";
import { buildModel, linearWeights, ModelView, snapRows } from "./model.ts";

const shape = fc.record({
  items: fc.integer({ min: 1, max: 30 }),
  dimensions: fc.constantFrom(1, 3, 8),
});
const matrix = shape.chain(({ items, dimensions }) =>
  fc.record({
    items: fc.constant(items),
    dimensions: fc.constant(dimensions),
    rows: fc.float32Array({
      minLength: items * dimensions,
      maxLength: items * dimensions,
      noNaN: true,
      min: -1000,
      max: 1000,
    }),
  }),
);

test("every element comes back within half a quantum of its row", () => {
  fc.assert(
    fc.property(matrix, ({ rows, items, dimensions }) => {
      const view = ModelView.from(buildModel(linearWeights(rows, dimensions)));
      expect([view.items, view.dimensions]).toEqual([items, dimensions]);
      for (let at = 0; at < rows.length; at++) {
        const scale = view.scales[Math.floor(at / dimensions)]!;
        expect(Math.abs(view.rows[at]! * scale - rows[at]!)).toBeLessThanOrEqual(
          scale * 0.5001 + 1e-40,
        );
      }
    }),
  );
});

test("a row of zeros stays zero", () => {
  const view = ModelView.from(buildModel(linearWeights(new Float32Array(6), 3)));
  expect([...view.rows, ...view.scales]).toEqual(new Array(8).fill(0));
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])("a weight of %d is never published", (bad) => {
  expect(() => buildModel(linearWeights(Float32Array.of(1, bad), 2))).toThrow(
    expect.objectContaining({ code: "MODEL_NOT_FINITE" }),
  );
});

test("rows that were snapped to the grid come back exactly", () => {
  fc.assert(
    fc.property(matrix, ({ rows, items, dimensions }) => {
      const snapped = rows.slice();
      snapRows(snapped, items);
      const view = ModelView.from(buildModel(linearWeights(snapped, dimensions)));
      for (let at = 0; at < rows.length; at++) {
        const scale = view.scales[Math.floor(at / dimensions)]!;
        expect(Math.fround(view.rows[at]! * scale)).toBeCloseTo(snapped[at]!, 3);
      }
    }),
  );
});

test("more linear dimensions than there are is damage", () => {
  const value = buildModel(linearWeights(Float32Array.of(1, 0), 2));
  const view = new DataView(value);
  // INFO is the first section; its third word counts the linear dimensions.
  view.setUint32(view.getUint32(16 + 8, true) + 8, 99, true);
  expect(() => ModelView.from(value, { verify: false })).toThrow(/99 of its 2 dimensions/);
});
