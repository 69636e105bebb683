import { byId, element } from "../element.js";
import { poster } from "../poster/poster.js";
import { displayTitle } from "../poster/title.js";
import { askSearch } from "./api.js";

/** @typedef {import("./api.js").Item} Item */

/** Long enough that a word typed in one go is one question, in ms. */
const PAUSE = 90;

/**
 * The search box: a combobox as WAI-ARIA describes it, with a list of matching items.
 *
 * @param {(item: Item) => void} onChoose
 */
export function startSearch(onChoose) {
  const input = byId("search", HTMLInputElement);
  const list = byId("matches", HTMLDivElement);
  /** @type {readonly Item[]} */
  let items = [];
  let chosen = -1;
  let timer = 0;
  let asked = new AbortController();

  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    chosen = -1;
  };
  const choose = (/** @type {number} */ at) => {
    const item = items[at];
    if (item === undefined) return;
    input.value = "";
    close();
    onChoose(item);
  };
  const mark = (/** @type {number} */ at) => {
    chosen = at;
    for (const [place, option] of [...list.children].entries()) {
      option.setAttribute("aria-selected", String(place === at));
      if (place === at) option.scrollIntoView({ block: "nearest" });
    }
    input.setAttribute("aria-activedescendant", `match-${at}`);
  };
  const open = (/** @type {readonly Item[]} */ found) => {
    items = found;
    chosen = -1;
    list.replaceChildren(
      ...(found.length === 0
        ? [nothing()]
        : found.map((item, at) => option(item, at, () => choose(at)))),
    );
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    input.removeAttribute("aria-activedescendant");
  };
  const look = async () => {
    asked.abort();
    asked = new AbortController();
    const words = input.value.trim();
    if (words === "") return close();
    try {
      open((await askSearch(words, asked.signal)).items);
    } catch (error) {
      if (error instanceof DOMException) return;
      items = [];
      list.replaceChildren(note(error instanceof Error ? error.message : "The search failed."));
      list.hidden = false;
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    const last = items.length - 1;
    if (event.key === "Escape") close();
    else if (list.hidden || last < 0) return;
    else if (event.key === "ArrowDown") mark(chosen === last ? 0 : chosen + 1);
    else if (event.key === "ArrowUp") mark(chosen <= 0 ? last : chosen - 1);
    else if (event.key === "Enter") choose(Math.max(chosen, 0));
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", close);
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLInputElement;
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
  });
}

/** @param {Item} item @param {number} at @param {() => void} onPick */
function option(item, at, onPick) {
  // Before the box loses the focus, which closes the list.
  const onpointerdown = (/** @type {Event} */ event) => {
    event.preventDefault();
    onPick();
  };
  const about = [item.year, ...item.categories.slice(0, 3)].filter(Boolean).join(" · ");
  return element(
    "div",
    { id: `match-${at}`, role: "option", "aria-selected": "false", class: "match", onpointerdown },
    poster(item),
    element("span", {}, displayTitle(item.title), element("small", {}, about)),
  );
}

function nothing() {
  return note("Nothing found. Try a single word of the title.");
}

/** @param {string} text */
function note(text) {
  return element(
    "div",
    { role: "option", "aria-disabled": "true", "aria-selected": "false", class: "match none" },
    text,
  );
}
