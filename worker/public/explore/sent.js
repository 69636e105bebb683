import { sendRating } from "./api.js";

/** @typedef {import("./api.js").Item} Item */

/**
 * Ratings in the name of a user whom the service knows. They leave as events, one after the other, and
 * are kept nowhere in this browser. `change` follows one that was taken in, `refused` one that was not.
 */
export class Sent extends EventTarget {
  /** @type {string | null} */
  #userId = null;
  /** @type {string | null} */
  #after = null;
  /** @type {Map<string, number>} */
  #given = new Map();
  #sending = Promise.resolve();

  /** What the next answer must have seen; null when it need not wait for anything. */
  get after() {
    return this.#after;
  }

  /** Another user: nothing of the one before. @param {string | null} userId */
  become(userId) {
    if (userId === this.#userId) return;
    this.#userId = userId;
    this.#after = null;
    this.#given = new Map();
  }

  /** Stars given in this visit. @param {string} itemId */
  starsOf(itemId) {
    return this.#given.get(itemId) ?? 0;
  }

  /** @param {Item} item @param {number} value in stars; 0 takes the rating back */
  rate(item, value) {
    const userId = this.#userId;
    if (userId === null) return;
    this.#sending = this.#sending.then(() => this.#send(userId, item.id, value));
  }

  /** @param {string} userId @param {string} itemId @param {number} value */
  async #send(userId, itemId, value) {
    try {
      const { cursor } = await sendRating(userId, itemId, value);
      if (userId !== this.#userId) return;
      this.#after = cursor;
      this.#given.set(itemId, value);
      this.dispatchEvent(new Event("change"));
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.dispatchEvent(new CustomEvent("refused", { detail }));
    }
  }
}
