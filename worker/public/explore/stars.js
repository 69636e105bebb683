import { element, svg } from "../element.js";

const STARS = [1, 2, 3, 4, 5];
const SHAPE = "m12 2.6 2.9 6 6.6.9-4.8 4.6 1.2 6.5L12 17.5l-5.9 3.1 1.2-6.5L2.5 9.5l6.6-.9z";

/**
 * Five stars: one stop of the Tab key; arrows move, Enter or Space give, 1 to 5 give at once, and
 * giving the same again takes it back.
 *
 * @param {string} title what is rated
 * @param {number} value stars already given, 0 for none
 * @param {(value: number) => void} onRate
 */
export function stars(title, value, onRate) {
  const give = (/** @type {number} */ star) => onRate(star === value ? 0 : star);
  const buttons = STARS.map((star) =>
    element(
      "button",
      {
        type: "button",
        class: star <= value ? "star given" : "star",
        "aria-label": `${star} of 5 stars`,
        "aria-pressed": String(star === value),
        tabindex: star === (value || 1) ? 0 : -1,
        onclick: () => give(star),
      },
      svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: SHAPE })),
    ),
  );
  const move = (/** @type {number} */ to) => {
    buttons.forEach((button, at) => {
      button.tabIndex = at === to ? 0 : -1;
    });
    buttons[to]?.focus();
  };
  const onkeydown = (/** @type {Event} */ event) => {
    const { key, target, ctrlKey, metaKey, altKey } = /** @type {KeyboardEvent} */ (event);
    if (ctrlKey || metaKey || altKey) return;
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (target));
    if (/^[1-5]$/.test(key)) onRate(Number(key));
    else if (key === "ArrowRight" || key === "ArrowUp") move(Math.min(at + 1, 4));
    else if (key === "ArrowLeft" || key === "ArrowDown") move(Math.max(at - 1, 0));
    else if (key === "Home" || key === "End") move(key === "Home" ? 0 : 4);
    else if (value > 0 && (key === "Delete" || key === "Backspace")) onRate(0);
    else return;
    event.preventDefault();
  };
  return element(
    "div",
    { class: "stars", role: "group", "aria-label": `Rate ${title}`, onkeydown },
    ...buttons,
  );
}

/** Puts the focus on a group of stars. @param {Element | null | undefined} within */
export function focusStars(within) {
  const button = within?.querySelector(".stars [tabindex='0']");
  if (button instanceof HTMLElement) button.focus();
}
