import { card, sayMove, sayWhy } from "./card.js";
import { focusStars } from "./stars.js";

/** @typedef {import("./api.js").Item} Item */
/** @typedef {import("./card.js").Doing} Doing */

const GLIDE = { duration: 520, easing: "cubic-bezier(0.2, 0.8, 0.2, 1)" };

/** The items in order. When the order changes, cards glide to their new places. */
export class Wall {
  #list;
  #doing;
  /** @type {Map<string, HTMLLIElement>} */
  #cards = new Map();
  /** Items as the last answer has them: a card outlives the answer that brought it. @type {ReadonlyMap<string, Item>} */
  #items = new Map();

  /** @param {HTMLOListElement} list @param {Doing} doing */
  constructor(list, doing) {
    this.#list = list;
    const latest = (/** @type {Item} */ item) => this.#items.get(item.id) ?? item;
    this.#doing = { ...doing, open: (/** @type {Item} */ item) => doing.open(latest(item)) };
  }

  /**
   * @param {readonly Item[]} items
   * @param {string} who whose ratings brought them: "you" or "they"
   * @param {boolean} marked whether cards say how they moved
   * @returns {number} items that were not on the wall before
   */
  show(items, who, marked) {
    const order = [...this.#cards.keys()];
    const before = new Map(
      [...this.#cards].map(([id, shown]) => [id, shown.getBoundingClientRect()]),
    );
    const focused = this.#focused(order);
    this.#items = new Map(items.map((item) => [item.id, item]));
    this.#cards = new Map(
      items.map((item, place) => {
        const shown = this.#cards.get(item.id) ?? card(item, this.#doing);
        sayWhy(shown, item, who);
        const was = order.indexOf(item.id);
        sayMove(shown, marked ? (was < 0 ? null : was) : place, place);
        return [item.id, shown];
      }),
    );
    this.#list.replaceChildren(...this.#cards.values());
    this.#glide(before);
    if (focused >= 0) this.#focus(order[focused] ?? "", focused);
    return items.filter(({ id }) => !before.has(id)).length;
  }

  /** @param {ReadonlyMap<string, DOMRect>} before */
  #glide(before) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const [id, shown] of this.#cards) {
      const from = before.get(id);
      if (from === undefined) {
        shown.animate({ opacity: [0, 1], scale: [0.92, 1] }, GLIDE);
        continue;
      }
      const to = shown.getBoundingClientRect();
      const [x, y] = [from.left - to.left, from.top - to.top];
      if (x !== 0 || y !== 0) shown.animate({ translate: [`${x}px ${y}px`, "0 0"] }, GLIDE);
    }
  }

  /** Place of the card that holds the focus, or -1. @param {readonly string[]} order */
  #focused(order) {
    return order.findIndex((id) => this.#cards.get(id)?.contains(document.activeElement));
  }

  /** The focus stays on its card; when that one left, it goes to the card that took its place. */
  #focus(/** @type {string} */ id, /** @type {number} */ place) {
    const heir = this.#cards.get(id) ?? [...this.#cards.values()][place];
    focusStars(heir ?? this.#list.lastElementChild);
  }
}
