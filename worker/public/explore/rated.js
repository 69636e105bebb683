import { byId, element } from "../element.js";
import { poster } from "../poster/poster.js";
import { displayTitle } from "../poster/title.js";
import { focusStars, stars } from "./stars.js";

/** @typedef {import("./api.js").Item} Item */
/** @typedef {import("./ratings.js").Ratings} Ratings */

/** Ratings after which a list says something about a person. */
const ENOUGH = 5;

/** The visitor's ratings, and an item that waits for its stars. */
export class Rated {
  #ratings;
  #list = byId("rated", HTMLUListElement);
  #clear = byId("clear", HTMLButtonElement);
  #progress = byId("progress", HTMLParagraphElement);
  /** @type {Item | null} */
  #waiting = null;

  /** @param {Ratings} ratings */
  constructor(ratings) {
    this.#ratings = ratings;
    this.#clear.addEventListener("click", () => {
      this.#waiting = null;
      ratings.clear();
      byId("search", HTMLInputElement).focus();
    });
    ratings.addEventListener("change", () => this.#show());
    this.#show();
  }

  /** Puts an item on top, with the focus on its stars. @param {Item} item */
  ask(item) {
    this.#waiting = this.#ratings.starsOf(item.id) > 0 ? null : item;
    this.#show();
    focusStars(this.#list.querySelector(`[data-item="${CSS.escape(item.id)}"]`));
  }

  #show() {
    const waiting = this.#waiting;
    if (waiting !== null && this.#ratings.starsOf(waiting.id) > 0) this.#waiting = null;
    const focused = document.activeElement
      ?.closest("#rated [data-item]")
      ?.getAttribute("data-item");
    const rows = this.#ratings.all.map(({ item, value }) => this.#row(item, value));
    if (this.#waiting !== null) rows.unshift(this.#row(this.#waiting, 0));
    this.#list.replaceChildren(...rows);
    this.#clear.hidden = rows.length === 0;
    this.#showProgress();
    if (focused) focusStars(this.#list.querySelector(`[data-item="${CSS.escape(focused)}"]`));
  }

  #showProgress() {
    const { size } = this.#ratings;
    const missing = ENOUGH - size;
    const dots = Array.from({ length: ENOUGH }, (_, at) =>
      element("i", { class: at < size ? "dot on" : "dot", "aria-hidden": "true" }),
    );
    const text =
      size === 0
        ? "Rate anything you know."
        : missing > 0
          ? `${size} rated. ${missing} more and it knows you better.`
          : `${size} rated. Each further star sharpens it.`;
    this.#progress.replaceChildren(...(missing > 0 ? dots : []), text);
  }

  /** @param {Item} item @param {number} value */
  #row(item, value) {
    const title = displayTitle(item.title);
    return element(
      "li",
      { class: value === 0 ? "row waiting" : "row", "data-item": item.id },
      poster(item),
      element("span", { class: "row-title" }, title),
      stars(title, value, (given) => this.#ratings.rate(item, given)),
    );
  }
}
