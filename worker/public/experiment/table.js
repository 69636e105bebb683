import { element } from "../element.js";

/** @typedef {import("../element.js").Child | string} Cell */

/**
 * A table with a heading for each column and each row.
 *
 * @param {string} caption for those who listen
 * @param {readonly string[]} headings
 * @param {readonly (readonly Cell[])[]} rows the first cell of each names it
 */
export function table(caption, headings, rows) {
  return element(
    "div",
    { class: "wide", tabindex: 0, role: "region", "aria-label": `${caption}: table` },
    element(
      "table",
      {},
      element("caption", { class: "unseen" }, caption),
      element("thead", {}, element("tr", {}, ...headings.map(heading))),
      element("tbody", {}, ...rows.map(row)),
    ),
  );
}

/** The same behind "As a table", for beside a chart. @param {Parameters<typeof table>} told */
export function tableOnDemand(...told) {
  return element("details", {}, element("summary", {}, "As a table"), table(...told));
}

/** A column of marks that only repeat the numbers has no heading. @param {string} name */
function heading(name) {
  return name === "" ? element("td") : element("th", { scope: "col" }, name);
}

/** @param {readonly Cell[]} cells */
function row([name = "", ...cells]) {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, name),
    ...cells.map((cell) => element("td", {}, cell)),
  );
}
