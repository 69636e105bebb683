import { byId, element } from "../element.js";
import { poster } from "../poster/poster.js";
import { displayTitle } from "../poster/title.js";
import { askSimilar } from "./api.js";
import { stars } from "./stars.js";

/** @typedef {import("./api.js").Item} Item */
/** @typedef {import("./api.js").Reason} Reason */
/** @typedef {{ starsOf(itemId: string): number, rate(item: Item, value: number): void }} Rater */

/** The dialog about one item: why it is recommended, and what is similar to it. */
export class Details {
  #dialog = byId("details", HTMLDialogElement);
  #rater;
  #asked = new AbortController();

  /** @param {() => Rater} rater takes the stars that are given just now */
  constructor(rater) {
    this.#rater = rater;
    this.#dialog.addEventListener("click", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    this.#dialog.addEventListener("close", () => this.#asked.abort());
  }

  /** @param {Item} item @param {"you" | "they"} who whose ratings brought it */
  open(item, who) {
    this.#asked.abort();
    this.#asked = new AbortController();
    const title = displayTitle(item.title);
    const similar = element("ul", { class: "similar" });
    const about = [item.year, ...item.categories].filter(Boolean).join(" · ");
    const rate = (/** @type {number} */ value) => {
      this.#rater().rate(item, value);
      this.#dialog.close();
    };
    this.#dialog.replaceChildren(
      element(
        "button",
        {
          type: "button",
          class: "close",
          "aria-label": "Close",
          onclick: () => this.#dialog.close(),
        },
        "✕",
      ),
      poster(item),
      element(
        "div",
        { class: "about" },
        element("h2", { id: "details-title" }, title),
        element("p", { class: "quiet" }, about),
        stars(title, this.#rater().starsOf(item.id), rate),
        why(item.because ?? [], who),
      ),
      element("div", { class: "alike" }, element("h3", {}, "Similar"), similar),
    );
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#dialog.scrollTop = 0;
    this.#showSimilar(item, similar, who);
  }

  /** @param {Item} item @param {HTMLUListElement} list @param {"you" | "they"} who */
  async #showSimilar(item, list, who) {
    try {
      const { items } = await askSimilar(item.id, this.#asked.signal);
      const shown = items.map((other) =>
        element(
          "li",
          {},
          element(
            "button",
            {
              type: "button",
              class: "poster",
              onclick: () => this.open(other, who),
            },
            poster(other),
          ),
        ),
      );
      list.replaceChildren(...shown);
      if (shown.length === 0)
        list.replaceChildren(element("li", { class: "quiet" }, "Nothing close enough."));
    } catch (error) {
      if (error instanceof DOMException) return;
      list.replaceChildren(
        element("li", { class: "quiet" }, error instanceof Error ? error.message : ""),
      );
    }
  }
}

/** How much each of somebody's own items brought, as bars that are text first. @param {readonly Reason[]} because @param {string} who */
function why(because, who) {
  const most = Math.max(...because.map(({ contribution }) => contribution));
  if (because.length === 0) return null;
  const rows = because.map(({ title, contribution }) => {
    const bar = element("meter", { min: 0, max: most, value: contribution, "aria-hidden": "true" });
    return element("li", {}, element("span", {}, displayTitle(title)), bar);
  });
  return element(
    "div",
    {},
    element("h3", {}, `Because ${who} rated`),
    element("ol", { class: "reasons" }, ...rows),
  );
}
