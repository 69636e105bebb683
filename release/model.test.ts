import fc from "fast-check";
import { expect, test } from "vitest";
import { buildLinearModel, ModelView } from "./model.ts";

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
      const view = ModelView.from(buildLinearModel(rows, items, dimensions));
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
  const view = ModelView.from(buildLinearModel(new Float32Array(6), 2, 3));
  expect([...view.rows, ...view.scales]).toEqual(new Array(8).fill(0));
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])("a weight of %d is never published", (bad) => {
  expect(() => buildLinearModel(Float32Array.of(1, bad), 1, 2)).toThrow(
    expect.objectContaining({ code: "MODEL_NOT_FINITE" }),
  );
});

test("a kind that this code does not know is refused with what to do", () => {
  const value = buildLinearModel(Float32Array.of(1, 0), 1, 2);
  const view = new DataView(value);
  // INFO is the first section; its first word is the kind.
  view.setUint32(view.getUint32(16 + 8, true), 99, true);
  expect(() => ModelView.from(value, { verify: false })).toThrow(/kind 99.*Deploy the code/);
});
