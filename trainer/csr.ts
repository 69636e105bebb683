/**
 * Compressed sparse rows: the one form in which interactions travel through the trainer.
 *
 * Row `r` holds the columns `indices[offsets[r] .. offsets[r + 1])`, ascending and distinct, with
 * their `values` beside them. What a row is depends on the place: a user of the dataset, or a
 * profile to be scored.
 */
export interface Csr {
  rows: number;
  cols: number;
  /** rows + 1 entries; `offsets[rows]` is the number of stored values. */
  offsets: Uint32Array;
  /** Column of each stored value, ascending within a row. */
  indices: Uint32Array;
  /** Rating value 0.5..5, or 1 where the interest was implicit; a training weight after weighing. */
  values: Float32Array;
}

/** Builds a matrix from rows of [column, value] pairs in any order; for tests and small profiles. */
export function csrFromRows(
  rows: readonly (readonly (readonly [number, number])[])[],
  cols: number,
): Csr {
  const offsets = new Uint32Array(rows.length + 1);
  rows.forEach((row, r) => {
    offsets[r + 1] = offsets[r]! + row.length;
  });
  const indices = new Uint32Array(offsets[rows.length]!);
  const values = new Float32Array(indices.length);
  rows.forEach((row, r) => {
    const sorted = [...row].sort((a, b) => a[0] - b[0]);
    sorted.forEach(([col, value], position) => {
      indices[offsets[r]! + position] = col;
      values[offsets[r]! + position] = value;
    });
  });
  return { rows: rows.length, cols, offsets, indices, values };
}

/** The given rows, in the given order, as a matrix of their own (copied). */
export function selectRows(matrix: Csr, rows: ArrayLike<number>): Csr {
  const offsets = new Uint32Array(rows.length + 1);
  for (let r = 0; r < rows.length; r++) {
    const source = rows[r]!;
    offsets[r + 1] = offsets[r]! + matrix.offsets[source + 1]! - matrix.offsets[source]!;
  }
  const indices = new Uint32Array(offsets[rows.length]!);
  const values = new Float32Array(indices.length);
  for (let r = 0; r < rows.length; r++) {
    const start = matrix.offsets[rows[r]!]!;
    const end = matrix.offsets[rows[r]! + 1]!;
    indices.set(matrix.indices.subarray(start, end), offsets[r]!);
    values.set(matrix.values.subarray(start, end), offsets[r]!);
  }
  return { rows: rows.length, cols: matrix.cols, offsets, indices, values };
}

/** The stored values for which `keep` is not 0, in a matrix of the same shape (copied). */
export function keepValues(matrix: Csr, keep: ArrayLike<number>): Csr {
  const offsets = new Uint32Array(matrix.rows + 1);
  for (let row = 0; row < matrix.rows; row++) {
    let kept = 0;
    for (let at = matrix.offsets[row]!; at < matrix.offsets[row + 1]!; at++) {
      if (keep[at] !== 0) kept++;
    }
    offsets[row + 1] = offsets[row]! + kept;
  }
  const indices = matrix.indices.filter((_, at) => keep[at] !== 0);
  const values = matrix.values.filter((_, at) => keep[at] !== 0);
  return { rows: matrix.rows, cols: matrix.cols, offsets, indices, values };
}

/** The columns of one row: a view, not a copy. */
export function rowIndices(matrix: Csr, row: number): Uint32Array {
  return matrix.indices.subarray(matrix.offsets[row]!, matrix.offsets[row + 1]!);
}

/** How many rows hold each column: the item's number of interactions (cols entries). */
export function columnCounts(matrix: Csr): Uint32Array {
  const counts = new Uint32Array(matrix.cols);
  for (const col of matrix.indices) counts[col]!++;
  return counts;
}

/** Columns as rows: cols x rows, ascending within each (a counting sort). */
export function transposeCsr(matrix: Csr): Csr {
  const offsets = new Uint32Array(matrix.cols + 1);
  for (const col of matrix.indices) offsets[col + 1]!++;
  for (let col = 0; col < matrix.cols; col++) offsets[col + 1]! += offsets[col]!;
  const next = offsets.slice(0, matrix.cols);
  const indices = new Uint32Array(matrix.indices.length);
  const values = new Float32Array(matrix.indices.length);
  for (let row = 0; row < matrix.rows; row++) {
    for (let at = matrix.offsets[row]!; at < matrix.offsets[row + 1]!; at++) {
      const to = next[matrix.indices[at]!]!++;
      indices[to] = row;
      values[to] = matrix.values[at]!;
    }
  }
  return { rows: matrix.cols, cols: matrix.rows, offsets, indices, values };
}
