import { element } from "../element.js";
import { poster } from "../poster/poster.js";
import { displayTitle } from "../poster/title.js";
import { stars } from "./stars.js";

/** @typedef {import("./api.js").Item} Item */

/**
 * What a card can do.
 *
 * @typedef {object} Doing
 * @property {(item: Item) => void} open
 * @property {(item: Item, value: number) => void} rate
 */

/**
 * One item on the wall: its poster, its stars, and a line that says why it is here.
 *
 * @param {Item} item
 * @param {Doing} doing
 */
export function card(item, doing) {
  const title = displayTitle(item.title);
  return element(
    "li",
    { class: "card", "data-item": item.id },
    element(
      "button",
      {
        type: "button",
        class: "poster",
        "aria-haspopup": "dialog",
        onclick: () => doing.open(item),
      },
      poster(item),
    ),
    stars(title, 0, (value) => doing.rate(item, value)),
    element("p", { class: "why" }),
  );
}

/** Says on a card why its item is there. @param {Element} shown @param {Item} item @param {string} who whose ratings brought it */
export function sayWhy(shown, item, who) {
  const line = shown.querySelector(".why");
  const first = item.because?.[0];
  line?.replaceChildren(
    ...(first === undefined
      ? [item.categories.slice(0, 2).join(" · ")]
      : [`because ${who} rated `, element("b", {}, displayTitle(first.title))]),
  );
}

/** Says on a card how it moved. @param {Element} shown @param {number | null} before its place before, null for none @param {number} now */
export function sayMove(shown, before, now) {
  shown.querySelector(".move")?.remove();
  if (before === now) return;
  const up = before === null || before > now;
  const text = before === null ? "new" : `${up ? "▲" : "▼"} ${Math.abs(before - now)}`;
  const badge = element("span", { class: up ? "move up" : "move", "aria-hidden": "true" }, text);
  shown.append(badge);
}
