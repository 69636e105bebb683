import { logGamma } from "./distributions.ts";

/** Below this an experiment is not trusted: one of a hundred sound ones at most, however often looked at. */
export const SAMPLE_RATIO_ALPHA = 0.01;

/**
 * What the prior of the shares is worth in users. With ten thousand, shares are expected within about
 * half a point of the intended ones, which is what losing 2 % of an arm makes of a half.
 */
const PRIOR_USERS = 10_000;

/**
 * How likely numbers of users so far from the intended shares are, at any look: the sequential
 * multinomial test of Lindon & Malek, "Anytime-valid inference for multinomial count data" (2022),
 * eq. 9, with a Dirichlet prior around the intended shares.
 *
 * @param users by arm, so far.
 * @param shares intended by arm, each above 0; only their ratio counts.
 * @returns an always-valid p-value: 1 / Bayes factor, at most 1.
 */
export function sampleRatioP(users: readonly number[], shares: readonly number[]): number {
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const total = users.reduce((sum, count) => sum + count, 0);
  const evidence = users.reduce(
    (sum, count, arm) => {
      const share = shares[arm]! / whole;
      const prior = PRIOR_USERS * share;
      return sum + logGamma(prior + count) - logGamma(prior) - count * Math.log(share);
    },
    logGamma(PRIOR_USERS) - logGamma(PRIOR_USERS + total),
  );
  return Math.min(1, Math.exp(-evidence));
}
