/**
 * @typedef {object} Reason
 * @property {string} id
 * @property {string} title
 * @property {number} contribution what this item added to the other's score
 *
 * @typedef {object} Item
 * @property {string} id
 * @property {string} title
 * @property {readonly string[]} categories
 * @property {number} [year]
 * @property {number} [score]
 * @property {readonly Reason[]} [because]
 *
 * @typedef {object} Answer
 * @property {readonly Item[]} items
 * @property {string} release
 * @property {string} source
 * @property {string} [degraded]
 * @property {number} milliseconds from the question to the whole answer, network included
 *
 * @typedef {object} Wish
 * @property {number} limit
 * @property {readonly string[]} categories any of these; none for all
 * @property {number} diversity 0..1
 */

/** What the service said instead of an answer, in words for the reader. */
class Refusal extends Error {
  /** @param {string} message @param {number} status 0 when nobody answered */
  constructor(message, status) {
    super(message);
    this.name = "Refusal";
    this.status = status;
  }
}

/**
 * What many people like of late.
 *
 * @param {Wish} wish
 * @param {AbortSignal} signal
 */
export function askTrending(wish, signal) {
  return ask(`/v1/trending?${query({ limit: wish.limit, category: wish.categories })}`, { signal });
}

/**
 * Recommendations for ratings that the service does not keep.
 *
 * @param {readonly { itemId: string, value: number }[]} ratings
 * @param {Wish} wish
 * @param {AbortSignal} signal
 */
export function askForRatings(ratings, wish, signal) {
  const { limit, categories, diversity } = wish;
  const body = JSON.stringify({ ratings, limit, diversity, category: categories, explain: true });
  const headers = { "content-type": "application/json" };
  return ask("/v1/recommendations", { method: "POST", headers, body, signal });
}

/**
 * Recommendations for a user that the service knows.
 *
 * @param {string} userId
 * @param {Wish} wish
 * @param {AbortSignal} signal
 * @param {string | null} after cursor of the rating that the answer must have seen
 */
export function askForUser(userId, wish, signal, after) {
  const { limit, categories, diversity } = wish;
  const parameters = query({
    limit,
    category: categories,
    diversity,
    explain: "true",
    after: after ?? "",
  });
  const path = `/v1/users/${encodeURIComponent(userId)}/recommendations`;
  return ask(`${path}?${parameters}`, { signal });
}

/**
 * Sends a user's rating, as a shop would.
 *
 * @param {string} userId
 * @param {string} itemId
 * @param {number} value in stars; 0 takes the rating back
 * @returns {Promise<{ cursor: string | null }>} null when the next answer cannot be promised to see it
 */
export function sendRating(userId, itemId, value) {
  const event = { userId, itemId, ...(value === 0 ? { type: "remove" } : { type: "rate", value }) };
  const headers = { "content-type": "application/json" };
  return ask("/v1/events", { method: "POST", headers, body: JSON.stringify(event) });
}

/** @param {string} itemId @param {AbortSignal} signal */
export function askSimilar(itemId, signal) {
  return ask(`/v1/items/${encodeURIComponent(itemId)}/similar?limit=6`, { signal });
}

/** @param {string} words @param {AbortSignal} signal */
export function askSearch(words, signal) {
  return ask(`/v1/items?${query({ search: words, limit: 8 })}`, { signal });
}

/**
 * @template [Answered=Answer]
 * @param {string} path
 * @param {RequestInit} init
 * @returns {Promise<Answered & { milliseconds: number }>}
 * @throws {Refusal} with the service's own sentence when there is one
 */
async function ask(path, init) {
  const started = performance.now();
  const response = await fetch(path, init).catch((error) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refusal("The service cannot be reached. Check the connection and try again.", 0);
  });
  const body = await response.json().catch(() => ({}));
  if (!response.ok) {
    const said = body.detail ?? `The service answered ${response.status}.`;
    throw new Refusal(String(said), response.status);
  }
  return { ...body, milliseconds: performance.now() - started };
}

/**
 * A list is written with commas, so a comma inside a name is escaped once more.
 *
 * @param {Readonly<Record<string, string | number | readonly string[]>>} parameters
 */
function query(parameters) {
  const written = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    const text = Array.isArray(value)
      ? value.map((part) => part.replaceAll(",", "%2C")).join(",")
      : String(value);
    if (text !== "") written.set(name, text);
  }
  return written.toString();
}
