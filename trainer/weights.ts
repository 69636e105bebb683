/**
 * Interactions: the training weight that a rating or an implicit event carries.
 */
import { sixteenth, weightOfRating } from "../release/rating-weight.ts";
import type { Csr } from "./csr.ts";
import type { Dataset } from "./dataset.ts";

export interface Weighting {
  /**
   * Days after which an interaction counts half of what the same user's newest does; Infinity for no
   * difference, the default.
   */
  halfLifeDays?: number | undefined;
}

const SECONDS_A_DAY = 86_400;

/**
 * The dataset's matrix with weights in place of rating values, 1/16 to 1: what was liked counts more
 * (`weightOfRating`), and with a half-life what is older counts less. Offsets and indices are shared.
 *
 * Age is counted from the user's own newest interaction, not from today, so that somebody who was away
 * for a year comes back to the lists they left. Where times are unknown nothing is old.
 *
 * @param until seconds since 1970: as seen just before then, when the newest interaction was the newest
 * before it; what came later counts as new.
 */
export function interactionWeights(
  { matrix, rated, times }: Pick<Dataset, "matrix" | "rated" | "times">,
  { halfLifeDays = Number.POSITIVE_INFINITY }: Weighting = {},
  until = Number.POSITIVE_INFINITY,
): Csr {
  const values = new Float32Array(matrix.values.length);
  for (let user = 0; user < matrix.rows; user++) {
    const [start, end] = [matrix.offsets[user]!, matrix.offsets[user + 1]!];
    let newest = 0;
    for (const time of times.subarray(start, end)) {
      if (time < until) newest = Math.max(newest, time);
    }
    for (let at = start; at < end; at++) {
      const opinion = weightOfRating(rated[at] === 1 ? matrix.values[at]! : null);
      const age = times[at] === 0 ? 0 : Math.max(0, newest - times[at]!) / SECONDS_A_DAY;
      values[at] = sixteenth(opinion * 2 ** (-age / halfLifeDays));
    }
  }
  return { ...matrix, values };
}
