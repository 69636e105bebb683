/**
 * RMSE and MAE of predicted ratings, over all rated targets:
 *
 *     RMSE = sqrt(sum of (r - r^)^2 / ratings),   MAE = sum of |r - r^| / ratings
 *
 * Sums are kept per user, since it is users that the bootstrap draws.
 */
import type { Csr } from "../csr.ts";
import { seededRandom } from "../random.ts";
import { type Interval, percentiles, RESAMPLES } from "./bootstrap.ts";

/** One entry per user. */
export interface RatingErrors {
  squared: Float64Array;
  absolute: Float64Array;
  ratings: Float64Array;
}

/**
 * Sums the errors of each user; targets without a rating (NaN) are passed over.
 *
 * @param predicted one rating for each stored value of `targets`
 */
export function ratingErrors(targets: Csr, predicted: Float32Array): RatingErrors {
  const errors: RatingErrors = {
    squared: new Float64Array(targets.rows),
    absolute: new Float64Array(targets.rows),
    ratings: new Float64Array(targets.rows),
  };
  for (let user = 0; user < targets.rows; user++) {
    for (let at = targets.offsets[user]!; at < targets.offsets[user + 1]!; at++) {
      const error = targets.values[at]! - predicted[at]!;
      if (Number.isNaN(targets.values[at]!)) continue;
      errors.squared[user]! += error ** 2;
      errors.absolute[user]! += Math.abs(error);
      errors.ratings[user]!++;
    }
  }
  return errors;
}

/** `rmse` and `mae` with their 95 % intervals; nothing when no target was rated. */
export function summariseErrors(errors: RatingErrors, seed: number): Record<string, Interval> {
  if (errors.ratings.every((count) => count === 0)) return {};
  const squared = bootstrapRatio(errors.squared, errors.ratings, seed);
  const root = { mean: Math.sqrt(squared.mean), ci95: squared.ci95.map(Math.sqrt) };
  return {
    rmse: { mean: root.mean, ci95: [root.ci95[0]!, root.ci95[1]!] },
    mae: bootstrapRatio(errors.absolute, errors.ratings, seed),
  };
}

/** sum of `above` / sum of `below` with its 95 % percentile interval over users. */
function bootstrapRatio(above: Float64Array, below: Float64Array, seed: number): Interval {
  const random = seededRandom(seed);
  const ratios = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    let numerator = 0;
    let denominator = 0;
    for (let drawn = 0; drawn < above.length; drawn++) {
      const user = Math.floor(random() * above.length);
      numerator += above[user]!;
      denominator += below[user]!;
    }
    ratios[resample] = denominator === 0 ? 0 : numerator / denominator;
  }
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  return { mean: sum(above) / sum(below), ci95: percentiles(ratios) };
}
