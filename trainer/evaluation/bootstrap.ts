/**
 * Percentile bootstrap over users (Efron 1979): how far a mean would move had other users been held
 * out. Seeded, so that the same figures give the same interval.
 */
import { seededRandom } from "../random.ts";

/** A mean and its 95 % interval. */
export interface Interval {
  mean: number;
  ci95: [number, number];
}

/** Samples drawn: enough for the second digit of an interval's end. */
export const RESAMPLES = 1000;

/** Mean of per-user values with its 95 % percentile interval. No values: 0 with [0, 0]. */
export function bootstrapMean(values: Float64Array, seed: number): Interval {
  if (values.length === 0) return { mean: 0, ci95: [0, 0] };
  const random = seededRandom(seed);
  const means = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    let sum = 0;
    for (let drawn = 0; drawn < values.length; drawn++) {
      sum += values[Math.floor(random() * values.length)]!;
    }
    means[resample] = sum / values.length;
  }
  return { mean: mean(values), ci95: percentiles(means) };
}

/** The 2.5 and 97.5 percentiles of bootstrapped figures; sorts them. */
export function percentiles(figures: Float64Array): [number, number] {
  figures.sort();
  const at = (share: number) => figures[Math.round(share * (figures.length - 1))]!;
  return [at(0.025), at(0.975)];
}

/**
 * Mean of `a - b` over the same users with its interval: two models compared user by user, which is
 * far sharper than comparing their two intervals.
 */
export function bootstrapDifference(a: Float64Array, b: Float64Array, seed: number): Interval {
  return bootstrapMean(
    a.map((value, user) => value - b[user]!),
    seed,
  );
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
