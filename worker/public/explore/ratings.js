/** @typedef {import("./api.js").Item} Item */
/** @typedef {{ item: Item, value: number }} Rating value in stars, 1..5 */

const KEY = "usher.ratings";
/** More than the service folds in at once is of no use. */
const MOST = 200;

/** The visitor's own ratings, newest first, kept in this browser alone. */
export class Ratings extends EventTarget {
  /** @type {Map<string, Rating>} */
  #byId = new Map();

  constructor() {
    super();
    for (const rating of stored()) this.#byId.set(rating.item.id, rating);
  }

  get size() {
    return this.#byId.size;
  }

  get all() {
    return [...this.#byId.values()];
  }

  /** @param {string} itemId */
  starsOf(itemId) {
    return this.#byId.get(itemId)?.value ?? 0;
  }

  /** @param {Item} item @param {number} value in stars; 0 takes the rating back */
  rate(item, value) {
    const { id, title, categories, year } = item;
    const others = this.all.filter((rating) => rating.item.id !== id);
    const own =
      value === 0 ? [] : [{ item: { id, title, categories, ...(year ? { year } : {}) }, value }];
    this.#become([...own, ...others].slice(0, MOST));
  }

  clear() {
    this.#become([]);
  }

  /** @param {readonly Rating[]} ratings */
  #become(ratings) {
    this.#byId = new Map(ratings.map((rating) => [rating.item.id, rating]));
    try {
      localStorage.setItem(KEY, JSON.stringify(ratings));
    } catch {
      // A browser that keeps nothing still works until the page is closed.
    }
    this.dispatchEvent(new Event("change"));
  }
}

/** @returns {Rating[]} what an earlier visit left, as far as it can still be read */
function stored() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return kept.filter(
      (/** @type {Partial<Rating>} */ { item, value }) =>
        typeof item?.id === "string" &&
        typeof item.title === "string" &&
        Array.isArray(item.categories) &&
        Number.isInteger(value),
    );
  } catch {
    return [];
  }
}
