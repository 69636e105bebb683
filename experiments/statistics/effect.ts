import {
  covarianceWithBefore,
  type Moments,
  together,
  variance,
  varianceBefore,
} from "./moments.ts";

/** How an arm differs from the control in the mean of one metric. */
export interface Effect {
  /** Mean of the arm over mean of the control, less 1. */
  readonly relative: number;
  /** Of `relative`, by the delta method. */
  readonly standardError: number;
  /** Means by user, adjusted by what the users did before. */
  readonly control: number;
  readonly arm: number;
  /** Share of the variance that the adjustment took away, 0..1. */
  readonly varianceReduction: number;
}

interface Adjusted {
  readonly mean: number;
  /** Of the mean. */
  readonly variance: number;
}

/**
 * The relative effect of an arm, its outcomes adjusted by the same quantity before the exposure
 * (CUPED: Deng, Xu, Kohavi & Walker 2013, eq. 4 and 5), its error by the delta method (Deng, Knoblich
 * & Lu 2018, eq. 5).
 *
 * @returns null where there is nothing to divide by: no outcome, or none that differs between users.
 */
export function relativeEffect(control: Moments, arm: Moments): Effect | null {
  if (control.users < 2 || arm.users < 2) return null;
  const all = together(control, arm);
  const spread = varianceBefore(all);
  const slope = spread > 0 ? covarianceWithBefore(all) / spread : 0;
  const usual = all.before / all.users;
  const a = adjusted(control, slope, usual);
  const b = adjusted(arm, slope, usual);
  if (!(a.mean > 0)) return null;
  const square = b.variance / a.mean ** 2 + (b.mean ** 2 * a.variance) / a.mean ** 4;
  if (!(square > 0)) return null;
  const plain = variance(control) / control.users + variance(arm) / arm.users;
  return {
    relative: b.mean / a.mean - 1,
    standardError: Math.sqrt(square),
    control: a.mean,
    arm: b.mean,
    varianceReduction: Math.max(0, 1 - (a.variance + b.variance) / plain),
  };
}

function adjusted(moments: Moments, slope: number, usual: number): Adjusted {
  const { users, sum, before } = moments;
  const mean = sum / users - slope * (before / users - usual);
  const byUser =
    variance(moments) -
    2 * slope * covarianceWithBefore(moments) +
    slope ** 2 * varianceBefore(moments);
  return { mean, variance: Math.max(0, byUser) / users };
}
