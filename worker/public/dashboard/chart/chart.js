import { element } from "../../element.js";
import { table } from "./table.js";

/**
 * @typedef {object} Series
 * @property {string} name
 * @property {readonly (number | null)[]} values one for each place along the chart; null where nothing is known
 *
 * @typedef {object} Chart
 * @property {string} said what it shows, in a sentence: read above it, and by those who cannot see it
 * @property {string} over what the places along it are, for the table's head
 * @property {readonly { full: string, short: string }[]} along
 * @property {readonly Series[]} series at most five; bars are stacked in this order
 * @property {(value: number) => string} written
 * @property {(chart: Chart) => SVGSVGElement} drawn bars or lines
 * @property {number} [most] height of the scale; else the largest value
 */

/**
 * Draws a chart into its place, and the same as a table. What the reader opened stays open, and the
 * focus where it was.
 *
 * @param {HTMLElement} place
 * @param {Chart} chart
 */
export function showChart(place, chart) {
  const said = element("p", { class: "quiet" }, chart.said);
  const drawn = element("div", { class: "drawn" }, chart.drawn(chart), legend(chart));
  const details = place.querySelector("details");
  if (details === null) {
    const opener = element("summary", {}, "As a table");
    place.replaceChildren(said, drawn, element("details", {}, opener, table(chart)));
    return;
  }
  place.firstElementChild?.replaceWith(said);
  place.querySelector(".drawn")?.replaceWith(drawn);
  details.lastElementChild?.replaceWith(table(chart));
}

/** One series needs none: the title says what it is. @param {Chart} chart */
function legend({ series }) {
  if (series.length < 2) return null;
  return element(
    "ul",
    { class: "legend", "aria-hidden": "true" },
    ...series.map(({ name }, at) =>
      element("li", {}, element("i", { class: `series-${at}` }), name),
    ),
  );
}
