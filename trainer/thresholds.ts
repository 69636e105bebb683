/**
 * Where the gate draws its lines, and why there. A share is 0..1.
 */

/**
 * Test users from which on quality is judged. A bootstrap over fewer gives intervals that are far too
 * narrow, with one user none at all, and a small service would be refused by chance.
 */
export const LEAST_TEST_USERS = 20;

/** Of what the lists could show of the catalogue: less is popularity by another name. */
export const LEAST_COVERAGE = 0.01;

/** Of the coverage that the current release has: retraining on a day's events never halves it. */
export const COVERAGE_COLLAPSE = 0.5;

/**
 * Share of items that the current release did not know. Catalogues grow by a few per cent a cycle;
 * most items being new means that ids are written in another way, and every history is lost.
 */
export const UNSEEN_ITEMS = 0.5;

/**
 * Population stability index of the values (see `drift.ts`). The usual reading in credit scoring,
 * where it comes from: under 0.1 nothing, up to 0.25 a shift to watch, above it another population.
 */
export const VALUE_DRIFT = 0.25;

/** Interactions as a share of the current release's: events are only added, but for erasures. */
export const LEAST_VOLUME = 0.5;

/** And at most this many times as many: an import gone in twice, or a client that repeats itself. */
export const MOST_VOLUME = 10;

/** Below this many interactions a service is young, and may grow by any factor in one cycle. */
export const YOUNG_VOLUME = 1_000;
