/**
 * Intervals that hold at every look: the asymptotic confidence sequence of Waudby-Smith, Arbour,
 * Sinha, Kennedy & Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences"
 * (2021), theorem 2.2, written in standard errors and in time relative to the time it is tuned for.
 */

/** Where a quantity is, but for the chance that the interval was made with. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How a sequence is tuned: before its data, and never after. */
export interface Tuning {
  /** The time at which the interval is narrowest for its level: the planned end. */
  readonly time: number;
  /** The level that it is tuned for. */
  readonly alpha: number;
}

/**
 * Half the width of the interval at one time, in standard errors:
 * sqrt((1 + 1/x) log((x + 1) / alpha^2)) with x = rho^2 t.
 *
 * @param time above 0, in the unit of the tuning.
 * @param alpha the probability that the truth is ever outside.
 */
export function halfWidth(time: number, alpha: number, tuning: Tuning): number {
  const x = relativeTime(time, tuning);
  return Math.sqrt((1 + 1 / x) * Math.log((x + 1) / alpha ** 2));
}

/**
 * The least level at which the interval leaves zero out: an always-valid p-value.
 *
 * @param z estimate over standard error.
 */
export function alwaysValidP(z: number, time: number, tuning: Tuning): number {
  const x = relativeTime(time, tuning);
  return Math.min(1, Math.sqrt(x + 1) * Math.exp((-z * z * x) / (2 * (x + 1))));
}

/** Half the width at the planned end in standard errors, where it is least: sqrt(x + 1). */
export function narrowestHalfWidth(alpha: number): number {
  return Math.sqrt(bestX(alpha) + 1);
}

function relativeTime(time: number, tuning: Tuning): number {
  return (bestX(tuning.alpha) * time) / tuning.time;
}

/**
 * Where the half width is least: the x that solves x = log(x + 1) - 2 log(alpha), which is the
 * paper's optimum -W(-alpha^2 / e) - 1 without Lambert's function.
 */
function bestX(alpha: number): number {
  const level = -2 * Math.log(alpha);
  let x = level + 1;
  for (let step = 0; step < 50; step++) x = Math.log(x + 1) + level;
  return x;
}
