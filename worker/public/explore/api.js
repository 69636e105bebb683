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

/** Somebody looks: a star leaves at once, and what is wrong is said rather than tried again. */
/** @type {Map<string, string>} */
const cursors = new Map();
const usher = new Usher({ retries: 0, batchMs: 0, cursors });

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
 * Recommendations for a user that the service knows; what was sent for them is seen.
 *
 * @param {string} userId
 * @param {Wish} wish
 * @param {AbortSignal} signal
 * @param {string | null} after cursor of the rating that the answer must have seen
 */
export function askForUser(userId, { limit, categories, diversity }, signal, after) {
  const seen = after ?? undefined;
  const wish = { limit, category: categories, diversity, explain: true, after: seen, signal };
  return timed(usher.recommendations(userId, wish));
}

/**
 * Sends a user's rating, as a shop would.
 *
 * @param {string} userId
 * @param {string} itemId
 * @param {number} value in stars; 0 takes the rating back
 * @returns {Promise<{ cursor: string | null }>} null when the next answer cannot be promised to see it
 * @throws {Error} with the service's own sentence
 */
export async function sendRating(userId, itemId, value) {
  const about = { userId, itemId };
  const before = cursors.get(userId);
  const [verdict] = await usher.send(
    value === 0 ? { ...about, type: "remove" } : { ...about, type: "rate", value },
  );
  if (verdict?.status === "rejected") throw new Error(verdict.reason);
  const cursor = cursors.get(userId);
  return { cursor: cursor === undefined || cursor === before ? null : cursor };
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
