/** The weight of a rating of 0.5..5 in a profile: in training, in the lists and at the edge. */

/** A shard of profiles tells 16 weights apart, and so do we: all are sixteenths. */
const STEPS = 16;

/** The nearest sixteenth, never 0: a weight that a profile can keep as it is. */
export function sixteenth(weight: number): number {
  return Math.max(1, Math.round(STEPS * weight)) / STEPS;
}

/**
 * 1 - 2^-stars in sixteenths: 1/2 for one star, 3/4 for two, 7/8, 15/16 and 1 for five; an interaction
 * without a value counts as 1.
 *
 * Whatever people chose to rate says what they choose, and what they liked says a little more. Against
 * counting every rating as 1 this costs nothing in finding what else they rated, and finds what they
 * rated 4 or 5 two percent better (docs/models.md).
 */
export function weightOfRating(value: number | null): number {
  return value === null ? 1 : sixteenth(1 - 2 ** -value);
}

/** Up to here somebody says: no more of this. */
const DISLIKED = 1;

/**
 * The weight of a rating that was just given: as in training, but one star pulls nowhere. In a whole
 * history even a bad rating tells what somebody chooses; whoever gives it now must not get more of it.
 */
export function weightOfFreshRating(value: number | null): number {
  return value !== null && value <= DISLIKED ? 0 : weightOfRating(value);
}
