/** The scan: every item's score for a user vector, the costly part of a fold-in. */
import type { ModelView } from "./model.ts";

/** Scores all items of one model. */
export interface Scan {
  readonly model: ModelView;
  /** Bytes of memory that model and scan occupy. */
  readonly bytes: number;
  /**
   * The score of every item: the product of the user vector with its row.
   *
   * @param user `dimensions` numbers, from `encodeProfile`.
   * @returns one score an item, overwritten by the next call.
   */
  score(user: Float32Array): Float32Array;
}

/** The scan in plain JavaScript: what the kernel must agree with, and what serves without it. */
export function plainScan(model: ModelView): Scan {
  const scores = new Float32Array(model.items);
  return {
    model,
    bytes: model.rows.buffer.byteLength + scores.byteLength,
    score(user) {
      scanRows(model, user, scores);
      return scores;
    },
  };
}

/** Writes the product of the user vector with every item's row into `scores`. */
export function scanRows(model: ModelView, user: Float32Array, scores: Float32Array): void {
  const { items, dimensions, rows, scales } = model;
  for (let item = 0; item < items; item++) {
    const start = item * dimensions;
    let sum = 0;
    for (let d = 0; d < dimensions; d++) sum += user[d]! * rows[start + d]!;
    scores[item] = sum * scales[item]!;
  }
}
