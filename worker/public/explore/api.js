import { Usher } from "/usher-client.js";

/**
 * @typedef {import("/usher-client.js").Reason} Reason
 *
 * @typedef {object} Item
 * @property {string} id
 * @property {string} title
 * @property {readonly string[]} categories
 * @property {number | undefined} [year]
 * @property {number} [score]
 * @property {readonly Reason[] | undefined} [because]
 *
 * @typedef {object} Answer
 * @property {readonly Item[]} items
 * @property {string} release
 * @property {string} source
 * @property {string | undefined} [degraded]
 * @property {number} milliseconds from the question to the whole answer, network included
 *
 * @typedef {object} Wish
 * @property {number} limit
 * @property {readonly string[]} categories any of these; none for all
 * @property {number} diversity 0..1
 */

/** A person who looks at the page is told at once what is wrong, and tries again by hand. */
const usher = new Usher({ retries: 0 });

/**
 * What many people like of late.
 *
 * @param {Wish} wish
 * @param {AbortSignal} signal
 */
export function askTrending({ limit, categories }, signal) {
  return timed(usher.trending({ limit, category: categories, signal }));
}

/**
 * Recommendations for ratings that the service does not keep.
 *
 * @param {readonly { itemId: string, value: number }[]} ratings
 * @param {Wish} wish
 * @param {AbortSignal} signal
 */
export function askForRatings(ratings, { limit, categories, diversity }, signal) {
  const wish = { limit, category: categories, diversity, explain: true, signal };
  return timed(usher.recommendationsFor(ratings, wish));
}

/**
 * Recommendations for a user that the service knows.
 *
 * @param {string} userId
 * @param {Wish} wish
 * @param {AbortSignal} signal
 */
export function askForUser(userId, { limit, categories, diversity }, signal) {
  const wish = { limit, category: categories, diversity, explain: true, signal };
  return timed(usher.recommendations(userId, wish));
}

/** @param {string} itemId @param {AbortSignal} signal */
export function askSimilar(itemId, signal) {
  return usher.similar(itemId, { limit: 6, signal });
}

/** @param {string} words @param {AbortSignal} signal */
export function askSearch(words, signal) {
  return usher.search(words, { limit: 8, signal });
}

/**
 * @template T
 * @param {Promise<T>} asked
 * @returns {Promise<T & { milliseconds: number }>} how long it took, too
 */
async function timed(asked) {
  const started = performance.now();
  const answer = await asked;
  return { ...answer, milliseconds: performance.now() - started };
}
