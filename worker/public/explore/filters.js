import { byId, element } from "../element.js";

/** Chips that fit above the wall without hiding it. */
const MOST_CHIPS = 12;
/** Long enough that dragging the slider asks a few times, not a hundred, in ms. */
const PAUSE = 80;

/** Category chips and the diversity slider. */
export class Filters {
  #chips = byId("categories", HTMLFieldSetElement);
  #slider = byId("diversity", HTMLInputElement);
  #value = byId("diversity-value", HTMLOutputElement);
  #onChange;
  /** @type {Set<string>} */
  #chosen = new Set();

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
    let timer = 0;
    this.#slider.addEventListener("input", () => {
      this.#value.value = word(this.diversity);
      clearTimeout(timer);
      timer = setTimeout(onChange, PAUSE);
    });
    this.#value.value = word(this.diversity);
  }

  get categories() {
    return [...this.#chosen];
  }

  /** 0..1 */
  get diversity() {
    return Number(this.#slider.value) / 10;
  }

  /** Diversity re-ranks a person's list: there is none before the first rating. @param {boolean} personal */
  allowDiversity(personal) {
    this.#slider.disabled = !personal;
  }

  /** Offers the categories that most of these items have. @param {readonly { categories: readonly string[] }[]} items */
  offer(items) {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const name of items.flatMap(({ categories }) => categories)) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const names = [...counts].sort((a, b) => b[1] - a[1]).slice(0, MOST_CHIPS);
    this.#chips.replaceChildren(...names.map(([name]) => this.#chip(name)));
  }

  /** @param {string} name */
  #chip(name) {
    const chip = element(
      "button",
      {
        type: "button",
        class: "chip",
        "aria-pressed": "false",
        onclick: () => {
          if (!this.#chosen.delete(name)) this.#chosen.add(name);
          chip.setAttribute("aria-pressed", String(this.#chosen.has(name)));
          this.#onChange();
        },
      },
      name,
    );
    return chip;
  }
}

/** @param {number} diversity */
function word(diversity) {
  if (diversity === 0) return "best matches";
  if (diversity < 0.4) return "a little variety";
  return diversity < 0.8 ? "varied" : "adventurous";
}
