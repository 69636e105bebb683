import fc from "fast-check";
import { expect, test } from "vitest";
import { columnCounts, csrFromRows, rowIndices, selectRows } from "./csr.ts";

const matrix = csrFromRows(
  [
    [
      [4, 2],
      [1, 3],
    ],
    [],
    [[0, 5]],
  ],
  5,
);

test("rows given in any order come out with ascending columns", () => {
  expect(Array.from(rowIndices(matrix, 0))).toEqual([1, 4]);
  expect(Array.from(matrix.values)).toEqual([3, 2, 5]);
  expect(Array.from(matrix.offsets)).toEqual([0, 2, 2, 3]);
});

test("selected rows keep their order, may repeat, and are copies", () => {
  const chosen = selectRows(matrix, [2, 0, 1, 2]);
  expect(Array.from(chosen.offsets)).toEqual([0, 1, 3, 3, 4]);
  expect(Array.from(chosen.indices)).toEqual([0, 1, 4, 0]);
  chosen.values[0] = 99;
  expect(matrix.values[2]).toBe(5);
});

test("column counts add up to the stored values", () => {
  const rows = fc.array(fc.uniqueArray(fc.nat(9)), { maxLength: 8 });
  fc.assert(
    fc.property(rows, (columns) => {
      const csr = csrFromRows(
        columns.map((row) => row.map((column) => [column, 1] as const)),
        10,
      );
      const counts = columnCounts(csr);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(csr.indices.length);
    }),
  );
});
